//! Values as a query meets them, borrowed, and how Python tells them apart: what is true, what is equal, what is less.

use std::cmp::Ordering;
use std::fmt;

use serde_json::{Map, Value};

use super::{Comparison, QueryError};

/// A value of a pool or of a query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Datum<'a> {
    /// Null; Python's `None`.
    Null,
    /// A truth value. Python counts them as 0 and 1 wherever a number will do.
    Bool(bool),
    /// A whole number.
    Whole(i128),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(&'a str),
    /// A list.
    List(&'a [Value]),
    /// A map.
    Map(&'a Map<String, Value>),
}

/// Of which kind a value is; told in error texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Null.
    Null,
    /// A truth value.
    Bool,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A list.
    List,
    /// A map.
    Map,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Null => "null",
            Self::Bool => "a truth value",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Map => "a map",
        })
    }
}

impl<'a> From<&'a Value> for Datum<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Number(number) => match number.as_i128() {
                Some(whole) => Self::Whole(whole),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => Self::Text(text),
            Value::Array(list) => Self::List(list),
            Value::Object(map) => Self::Map(map),
        }
    }
}

impl<'a> Datum<'a> {
    /// Of which kind it is.
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Whole(_) | Self::Float(_) => Kind::Number,
            Self::Text(_) => Kind::Text,
            Self::List(_) => Kind::List,
            Self::Map(_) => Kind::Map,
        }
    }

    /// Whether it counts as true: neither null nor false nor zero nor empty.
    pub(super) fn truth(self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(truth) => truth,
            Self::Whole(number) => number != 0,
            Self::Float(number) => number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::List(list) => !list.is_empty(),
            Self::Map(map) => !map.is_empty(),
        }
    }

    /// Whether the two are equal. Values of different kinds are not, but for truth values and numbers.
    pub(super) fn equals(self, other: Self) -> bool {
        if let (Some(left), Some(right)) = (self.number(), other.number()) {
            return left.order(right) == Some(Ordering::Equal);
        }
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Text(left), Self::Text(right)) => left == right,
            (Self::List(left), Self::List(right)) => {
                left.len() == right.len()
                    && left.iter().zip(right).all(|(left, right)| same(left, right))
            }
            (Self::Map(left), Self::Map(right)) => {
                std::ptr::eq(left, right)
                    || left.len() == right.len()
                        && left.iter().all(|(key, left)| {
                            right.get(key).is_some_and(|right| same(left, right))
                        })
            }
            _ => false,
        }
    }

    /// Whether the comparison holds between the two. Texts are ordered by code points; lists by the first items that
    /// differ, or else by their lengths. Values of other kinds have none.
    pub(super) fn compare(self, comparison: Comparison, other: Self) -> Result<bool, QueryError> {
        if comparison == Comparison::Equal {
            return Ok(self.equals(other));
        }
        Ok(self.order(other)?.is_some_and(|order| match comparison {
            Comparison::Equal => order.is_eq(),
            Comparison::Less => order.is_lt(),
            Comparison::Greater => order.is_gt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }))
    }

    /// [`None`] when one of the two is not a number (NaN), which stands in no order.
    fn order(self, other: Self) -> Result<Option<Ordering>, QueryError> {
        if let (Some(left), Some(right)) = (self.number(), other.number()) {
            return Ok(left.order(right));
        }
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => Ok(Some(left.cmp(right))),
            (Self::List(left), Self::List(right)) => {
                match left.iter().zip(right).find(|(left, right)| !same(left, right)) {
                    Some((left, right)) => Self::from(left).order(right.into()),
                    None => Ok(Some(left.len().cmp(&right.len()))),
                }
            }
            _ => Err(QueryError::NoOrder(self.kind(), other.kind())),
        }
    }

    fn number(self) -> Option<Number> {
        match self {
            Self::Bool(truth) => Some(Number::Whole(truth.into())),
            Self::Whole(whole) => Some(Number::Whole(whole)),
            Self::Float(float) => Some(Number::Float(float)),
            _ => None,
        }
    }
}

fn same(left: &Value, right: &Value) -> bool {
    Datum::from(left).equals(right.into())
}

enum Number {
    Whole(i128),
    Float(f64),
}

impl Number {
    fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => Some(left.cmp(&right)),
            (Self::Float(left), Self::Float(right)) => left.partial_cmp(&right),
            (Self::Whole(left), Self::Float(right)) => order_mixed(left, right),
            (Self::Float(left), Self::Whole(right)) => {
                order_mixed(right, left).map(Ordering::reverse)
            }
        }
    }
}

/// Exactly, as Python does: 2⁵³ + 1 is more than 2⁵³ as a float, though no float lies between them.
fn order_mixed(whole: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    // the conversion stops at the ends of i128, beyond all whole numbers that JSON gives us
    let cut = whole.cmp(&(float.trunc() as i128));
    Some(cut.then_with(|| 0.0_f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal)))
}
