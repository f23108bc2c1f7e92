//! One extra spec of a volume type as a demand on pools: compiled once, asked for every pool.
//!
//! The grammar is Cinder's. The first word may be an operator; otherwise the whole text must equal the reported text.
//! `=` (at least), `==`, `!=`, `>=`, `<=` compare numbers; `s==`, `s!=`, `s<`, `s<=`, `s>`, `s>=` compare texts;
//! `<in>` asks for a part, `<is>` for a truth value, `<or> a <or> b` for any of several texts. Only the word right
//! after the operator counts. Where Cinder raises an exception (a number compared as text), nothing can be answered.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use ashlar_types::Report;
use ashlar_types::volume_type::ExtraSpecs;
use serde_json::Value;

use crate::capability::Fact;
use crate::python;

/// A demand on pools.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    key: String,
    path: Vec<String>,
    wanted: Option<String>,
    test: Test,
}

/// Whether a pool meets a demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It does.
    Met,
    /// It reports nothing of the kind.
    Missing,
    /// It reports something else.
    Differs,
    /// What it reports cannot be held against the demand, such as a number against an order of texts: Cinder raises
    /// an exception.
    Unanswerable,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    /// The value is null.
    Null,
    /// The value is exactly this text.
    Same(String),
    /// The value is one of these texts.
    Any(Vec<String>),
    /// The value is a number or reads as one, and compares so; with no number to compare with nothing does.
    Number(Comparison, Option<f64>),
    /// The value is a text and compares so.
    Text(Comparison, String),
    /// The value has this part.
    Part(String),
    /// The value means this truth value.
    Truth(bool),
    /// An operator without an operand.
    Never,
    /// `<or>` without a word after it.
    Unanswerable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Requirement {
    /// The demands of a type's extra specs, by key. Keys in a scope other than `capabilities:` are for others.
    #[must_use]
    pub fn all(specs: &ExtraSpecs) -> Vec<Self> {
        specs.iter().filter_map(|(key, wanted)| Self::new(key, wanted.as_deref())).collect()
    }

    /// One demand; `None` when the key is in the scope of something else.
    #[must_use]
    pub fn new(key: &str, wanted: Option<&str>) -> Option<Self> {
        let mut path: Vec<String> = key.split(':').map(str::to_owned).collect();
        if path.first().is_some_and(|scope| scope == "capabilities") {
            path.remove(0);
        } else if path.len() > 1 {
            return None;
        }
        let test = wanted.map_or(Test::Null, Test::compile);
        Some(Self { key: key.to_owned(), path, wanted: wanted.map(str::to_owned), test })
    }

    /// Key of the extra spec.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The extra spec's value; `None` is null.
    #[must_use]
    pub fn wanted(&self) -> Option<&str> {
        self.wanted.as_deref()
    }

    /// What a report says of the thing demanded.
    #[must_use]
    pub fn fact<'r>(&self, report: &'r Report) -> Option<Fact<'r>> {
        Fact::of(report, &self.path)
    }

    /// Whether a pool with this report meets the demand.
    #[must_use]
    pub fn check(&self, report: &Report) -> Answer {
        let Some(fact) = self.fact(report) else { return Answer::Missing };
        let met = match fact {
            Fact::List(list) => self.test.is_met_by_any(list.iter().map(Fact::from)),
            Fact::Spellings(texts) => {
                self.test.is_met_by_any(texts.iter().map(|text| Fact::Text(text)))
            }
            single => self.test.is_met(single),
        };
        match met {
            Some(true) => Answer::Met,
            Some(false) => Answer::Differs,
            None => Answer::Unanswerable,
        }
    }
}

impl Test {
    fn compile(text: &str) -> Self {
        use Comparison::{AtLeast, AtMost, Equal, Greater, Less, NotEqual};
        let same = || Self::Same(text.to_owned());
        let mut words = python::words(text);
        let Some(operator) = words.next() else { return same() };
        let make: fn(&str) -> Self = match operator {
            "<or>" => {
                // Every second word is `<or>` again, whatever it says.
                let any: Vec<String> = words.step_by(2).map(str::to_owned).collect();
                return if any.is_empty() { Self::Unanswerable } else { Self::Any(any) };
            }
            "<in>" => |word| Self::Part(word.to_owned()),
            "<is>" => |word| Self::Truth(python::truth(word)),
            "=" | ">=" => |word| Self::Number(AtLeast, python::float(word)),
            "<=" => |word| Self::Number(AtMost, python::float(word)),
            "==" => |word| Self::Number(Equal, python::float(word)),
            "!=" => |word| Self::Number(NotEqual, python::float(word)),
            "s==" => |word| Self::Text(Equal, word.to_owned()),
            "s!=" => |word| Self::Text(NotEqual, word.to_owned()),
            "s<" => |word| Self::Text(Less, word.to_owned()),
            "s<=" => |word| Self::Text(AtMost, word.to_owned()),
            "s>" => |word| Self::Text(Greater, word.to_owned()),
            "s>=" => |word| Self::Text(AtLeast, word.to_owned()),
            _ => return same(),
        };
        words.next().map_or(Self::Never, make)
    }

    /// The first that meets it ends the search, and so does the first that cannot be compared.
    fn is_met_by_any<'f>(&self, facts: impl Iterator<Item = Fact<'f>>) -> Option<bool> {
        for fact in facts {
            if self.is_met(fact)? {
                return Some(true);
            }
        }
        Some(false)
    }

    /// `value` is one value; lists have been taken apart before. `None` when the two cannot be compared.
    fn is_met(&self, value: Fact<'_>) -> Option<bool> {
        Some(match (self, value) {
            (Self::Null, value) => value == Fact::Null,
            (Self::Same(wanted), value) => value == Fact::Text(wanted),
            // No operator matches null.
            (_, Fact::Null) | (Self::Never, _) => false,
            (Self::Unanswerable, _) => return None,
            (Self::Any(wanted), Fact::Text(text)) => wanted.iter().any(|any| any == text),
            (Self::Any(_), _) => false,
            (Self::Number(_, _), Fact::List(_) | Fact::Object(_) | Fact::Spellings(_)) => {
                return None;
            }
            (Self::Number(comparison, wanted), value) => match (number(value), wanted) {
                (Some(number), Some(wanted)) => comparison.holds(number.partial_cmp(wanted)),
                _ => false,
            },
            (Self::Text(comparison, wanted), Fact::Text(text)) => {
                comparison.holds(Some(text.cmp(wanted)))
            }
            // Anything else is not that text, and stands in no order to it.
            (Self::Text(Comparison::NotEqual, _), _) => true,
            (Self::Text(Comparison::Equal, _), _) => false,
            (Self::Text(..), _) => return None,
            (Self::Part(wanted), Fact::Text(text)) => text.contains(wanted.as_str()),
            (Self::Part(wanted), Fact::Object(map)) => map.contains_key(wanted),
            (Self::Part(wanted), Fact::List(list)) => {
                list.iter().any(|value| matches!(value, Value::String(text) if text == wanted))
            }
            (Self::Part(_), _) => return None,
            (Self::Truth(wanted), value) => truth(value) == *wanted,
        })
    }
}

impl Comparison {
    /// Whether it holds of two things in this order; `None` when one of them is "not a number".
    fn holds(self, order: Option<Ordering>) -> bool {
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Less => order == Some(Ordering::Less),
            Self::AtMost => order.is_some_and(Ordering::is_le),
            Self::Greater => order == Some(Ordering::Greater),
            Self::AtLeast => order.is_some_and(Ordering::is_ge),
        }
    }
}

/// A number, or what reads as one.
fn number(value: Fact<'_>) -> Option<f64> {
    match value {
        Fact::Number { value, .. } => Some(value),
        Fact::Bool(value) => Some(f64::from(u8::from(value))),
        Fact::Text(text) => python::float(text),
        _ => None,
    }
}

/// The truth value that something means. Only booleans, the usual words and the whole number 1 can be true.
fn truth(value: Fact<'_>) -> bool {
    match value {
        Fact::Bool(value) => value,
        Fact::Text(text) => python::truth(text),
        Fact::Number { value, whole } => whole && value == 1.0,
        _ => false,
    }
}
