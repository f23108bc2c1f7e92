//! One extra spec of a volume type as a demand on pools: compiled once, asked for every pool.
//!
//! The grammar is Cinder's. The first word may be an operator; otherwise the whole text must equal the reported text.
//! `=` (at least), `==`, `!=`, `>=`, `<=` compare numbers; `s==`, `s!=`, `s<`, `s<=`, `s>`, `s>=` compare texts;
//! `<in>` asks for a part, `<is>` for a truth value, `<or> a <or> b` for any of several texts. Only the word right
//! after the operator counts. Where Cinder raises an exception (a number compared as text), the demand is not met.

mod python;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use ashlar_types::Pool;
use ashlar_types::volume_type::ExtraSpecs;
use serde_json::Value;

use crate::Reason;
use crate::capability::Fact;

/// A demand on pools.
#[derive(Debug)]
pub struct Requirement<'a> {
    key: &'a str,
    path: Vec<&'a str>,
    wanted: Option<&'a str>,
    test: Test<'a>,
}

#[derive(Debug)]
enum Test<'a> {
    /// The value is null.
    Null,
    /// The value is exactly this text.
    Same(&'a str),
    /// The value is one of these texts.
    Any(Vec<&'a str>),
    /// The value is a number or reads as one, and compares so.
    Number(Comparison, f64),
    /// The value is a text and compares so.
    Text(Comparison, &'a str),
    /// The value has this part.
    Part(&'a str),
    /// The value means this truth value.
    Truth(bool),
    /// An operator without an operand, or without a number where one is needed.
    Never,
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

impl<'a> Requirement<'a> {
    /// The demands of a type's extra specs. Keys in a scope other than `capabilities:` are for others.
    #[must_use]
    pub fn all(specs: &'a ExtraSpecs) -> Vec<Self> {
        specs.iter().filter_map(|(key, wanted)| Self::new(key, wanted.as_deref())).collect()
    }

    /// One demand; `None` when the key is in the scope of something else.
    #[must_use]
    pub fn new(key: &'a str, wanted: Option<&'a str>) -> Option<Self> {
        let mut path: Vec<&str> = key.split(':').collect();
        if path.first() == Some(&"capabilities") {
            path.remove(0);
        } else if path.len() > 1 {
            return None;
        }
        let test = wanted.map_or(Test::Null, Test::compile);
        Some(Self { key, path, wanted, test })
    }

    /// Whether `pool` meets the demand.
    ///
    /// # Errors
    ///
    /// It reports nothing of the kind, or something else.
    pub fn check(&self, pool: &Pool) -> Result<(), Reason> {
        let Some(fact) = Fact::of(pool, &self.path) else {
            return Err(Reason::CapabilityMissing { key: self.key.to_owned() });
        };
        let met = match fact {
            Fact::List(list) => list.iter().any(|value| self.test.is_met(Fact::from(value))),
            Fact::Spellings(texts) => texts.iter().any(|text| self.test.is_met(Fact::Text(text))),
            single => self.test.is_met(single),
        };
        if met {
            return Ok(());
        }
        Err(Reason::CapabilityDiffers {
            key: self.key.to_owned(),
            wanted: self.wanted.map(str::to_owned),
            found: fact.to_short_text(),
        })
    }
}

impl<'a> Test<'a> {
    fn compile(text: &'a str) -> Self {
        use Comparison::{AtLeast, AtMost, Equal, Greater, Less, NotEqual};
        let mut words = python::words(text);
        let Some(operator) = words.next() else { return Self::Same(text) };
        let make: fn(&'a str) -> Self = match operator {
            // Every second word is `<or>` again, whatever it says.
            "<or>" => return Self::Any(words.step_by(2).collect()),
            "<in>" => Self::Part,
            "<is>" => |word| Self::Truth(python::truth(word)),
            "=" | ">=" => |word| Self::number(AtLeast, word),
            "<=" => |word| Self::number(AtMost, word),
            "==" => |word| Self::number(Equal, word),
            "!=" => |word| Self::number(NotEqual, word),
            "s==" => |word| Self::Text(Equal, word),
            "s!=" => |word| Self::Text(NotEqual, word),
            "s<" => |word| Self::Text(Less, word),
            "s<=" => |word| Self::Text(AtMost, word),
            "s>" => |word| Self::Text(Greater, word),
            "s>=" => |word| Self::Text(AtLeast, word),
            _ => return Self::Same(text),
        };
        words.next().map_or(Self::Never, make)
    }

    fn number(comparison: Comparison, word: &str) -> Self {
        python::float(word).map_or(Self::Never, |number| Self::Number(comparison, number))
    }

    /// `value` is one value; lists have been taken apart before.
    fn is_met(&self, value: Fact<'_>) -> bool {
        match (self, value) {
            (Self::Null, value) => value == Fact::Null,
            (Self::Same(wanted), value) => value == Fact::Text(wanted),
            // No operator matches null.
            (_, Fact::Null) | (Self::Never, _) => false,
            (Self::Any(wanted), Fact::Text(text)) => wanted.contains(&text),
            (Self::Number(comparison, wanted), value) => {
                number(value).is_some_and(|number| comparison.holds(number.partial_cmp(wanted)))
            }
            (Self::Text(comparison, wanted), Fact::Text(text)) => {
                comparison.holds(Some(text.cmp(wanted)))
            }
            // Anything else is not that text, and stands in no order to it.
            (Self::Text(comparison, _), _) => *comparison == Comparison::NotEqual,
            (Self::Part(wanted), Fact::Text(text)) => text.contains(wanted),
            (Self::Part(wanted), Fact::Object(map)) => map.contains_key(*wanted),
            (Self::Part(wanted), Fact::List(list)) => {
                list.iter().any(|value| matches!(value, Value::String(text) if text == wanted))
            }
            (Self::Truth(wanted), value) => truth(value) == *wanted,
            (Self::Any(_) | Self::Part(_), _) => false,
        }
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
