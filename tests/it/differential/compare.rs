//! Whether two answers to one case say the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// What ours makes of a case.
#[derive(Debug, Default)]
pub(super) struct Ours {
    /// Pools that will do with their weights, the best first.
    pub(super) ranked: Vec<(String, f64)>,
    /// The others.
    pub(super) refused: BTreeMap<String, Refused>,
}

/// A pool that ours refuses.
#[derive(Debug)]
pub(super) struct Refused {
    /// Who refused it, by Cinder's name of the filter or weigher; empty for the pin.
    pub(super) by: String,
    /// It could not be judged.
    pub(super) trouble: bool,
    /// The reason in words.
    pub(super) words: String,
}

/// What is different, in words; `None` when all is the same.
pub(super) fn difference(cinder: &Value, ours: &Ours) -> Option<String> {
    let theirs = Theirs::read(cinder);
    refusals(&theirs, ours)
        .or_else(|| missing(&theirs, ours))
        .or_else(|| order(&theirs, ours))
        .or_else(|| weights(&theirs, ours))
}

struct Theirs<'a> {
    blamed: &'a Map<String, Value>,
    refused: &'a Map<String, Value>,
    weights: &'a Map<String, Value>,
    passing: BTreeSet<&'a str>,
    order: Vec<&'a str>,
    chosen: Option<&'a str>,
}

impl<'a> Theirs<'a> {
    fn read(answer: &'a Value) -> Self {
        let map = |key: &str| answer[key].as_object().expect("an object");
        let names = |key: &str| {
            let list = answer[key].as_array().expect("a list").iter();
            list.map(|name| name.as_str().expect("a name"))
        };
        Self {
            blamed: map("blamed"),
            refused: map("refused"),
            weights: map("weights"),
            passing: names("passing").collect(),
            order: names("order").collect(),
            chosen: answer["chosen"].as_str(),
        }
    }
}

/// Each pool is refused by both, and by the same filter, or by neither. One for which Cinder raises is one that ours
/// cannot judge, and the other way round.
fn refusals(theirs: &Theirs<'_>, ours: &Ours) -> Option<String> {
    for (pool, refused) in &ours.refused {
        let Refused { by, trouble, words } = refused;
        let same = if let Some(raised) = theirs.blamed.get(pool) {
            *trouble || {
                return Some(format!(
                    "{pool}: Cinder raises {raised}, ours refuses by {by}: {words}"
                ));
            }
        } else if *trouble {
            false
        } else if by.is_empty() {
            theirs.passing.contains(pool.as_str()) && !theirs.order.contains(&pool.as_str())
        } else {
            theirs.refused.get(pool).and_then(Value::as_str) == Some(by)
        };
        if !same {
            let cinder = theirs.refused.get(pool).and_then(Value::as_str).unwrap_or("nobody");
            return Some(format!("{pool}: Cinder refuses by {cinder}, ours by '{by}': {words}"));
        }
    }
    for (pool, _) in &ours.ranked {
        if let Some(raised) = theirs.blamed.get(pool) {
            return Some(format!("{pool}: Cinder raises {raised}, for ours it will do"));
        }
        if !theirs.order.contains(&pool.as_str()) {
            let by = theirs.refused.get(pool).map_or_else(|| "pin".to_owned(), Value::to_string);
            return Some(format!("{pool}: Cinder refuses by {by}, for ours it will do"));
        }
    }
    None
}

/// No pool that Cinder judged is left out of ours.
fn missing(theirs: &Theirs<'_>, ours: &Ours) -> Option<String> {
    let judged = theirs.blamed.keys().chain(theirs.refused.keys()).map(String::as_str);
    let told = |pool: &str| {
        ours.refused.contains_key(pool) || ours.ranked.iter().any(|(ranked, _)| ranked == pool)
    };
    judged
        .chain(theirs.passing.iter().copied())
        .find(|pool| !told(pool))
        .map(|pool| format!("{pool}: ours says nothing of it"))
}

fn order(theirs: &Theirs<'_>, ours: &Ours) -> Option<String> {
    let order: Vec<&str> = ours.ranked.iter().map(|(pool, _)| pool.as_str()).collect();
    if order != theirs.order {
        let weights = theirs.weights;
        return Some(format!(
            "order: Cinder {:?} {weights:?}, ours {:?}",
            theirs.order, ours.ranked
        ));
    }
    let chosen = order.first().copied();
    (chosen != theirs.chosen).then(|| format!("Cinder chose {:?}, ours {chosen:?}", theirs.chosen))
}

fn weights(theirs: &Theirs<'_>, ours: &Ours) -> Option<String> {
    ours.ranked.iter().find_map(|(pool, weight)| {
        let Some(cinder) = theirs.weights[pool].as_f64() else {
            return Some(format!("{pool}: its weight is {} for Cinder", theirs.weights[pool]));
        };
        // To a part in 10^9 of themselves where they are large.
        let same = (cinder - weight).abs() <= 1e-9 * cinder.abs().max(1.0);
        (!same).then(|| format!("{pool}: its weight is {cinder} for Cinder, {weight} for ours"))
    })
}
