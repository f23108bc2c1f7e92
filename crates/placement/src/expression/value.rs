//! Values: what variables hold, and what comes out.

use std::borrow::Cow;
use std::fmt;

/// The value of an expression or of a part of it. Numbers and texts follow Python, where a truth value is a number too.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// An integer.
    Int(i128),
    /// A float; may be infinite or not a number.
    Float(f64),
    /// The result of a comparison or a negation. Counts as 1 or 0.
    Bool(bool),
    /// A text.
    Text(Cow<'a, str>),
    /// What commas make: the arguments of a function. A list in a list keeps its own items.
    List(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    /// Whether it counts as true: not zero, not empty. A float that is not a number does.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Int(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Bool(truth) => *truth,
            Self::Text(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
        }
    }

    /// What kind of value it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Int(_) => Kind::Int,
            Self::Float(_) => Kind::Float,
            Self::Bool(_) => Kind::Bool,
            Self::Text(_) => Kind::Text,
            Self::List(_) => Kind::List,
        }
    }

    /// The same, borrowing nothing.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Int(number) => Value::Int(number),
            Self::Float(number) => Value::Float(number),
            Self::Bool(truth) => Value::Bool(truth),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::List(items) => Value::List(items.into_iter().map(Value::into_owned).collect()),
        }
    }

    /// The value as a number, if it is one; a truth value is.
    pub(super) fn number(&self) -> Option<Number> {
        match self {
            Self::Int(number) => Some(Number::Int(*number)),
            Self::Float(number) => Some(Number::Float(*number)),
            Self::Bool(truth) => Some(Number::Int(i128::from(*truth))),
            Self::Text(_) | Self::List(_) => None,
        }
    }
}

/// A value to count with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    pub(super) fn float(self) -> f64 {
        match self {
            // The same, but quicker, for all that a machine word holds.
            Self::Int(number) => {
                i64::try_from(number).map_or_else(|_| number as f64, |word| word as f64)
            }
            Self::Float(number) => number,
        }
    }
}

/// What kinds of values there are, for errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An integer.
    Int,
    /// A float.
    Float,
    /// True or false.
    Bool,
    /// A text.
    Text,
    /// A list.
    List,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Int => "an integer",
            Self::Float => "a float",
            Self::Bool => "a truth value",
            Self::Text => "a text",
            Self::List => "a list",
        })
    }
}

/// What a variable holds, before it is made an integer, a float or a text as the module's header says.
#[derive(Debug, Clone, PartialEq)]
pub enum Variable<'a> {
    /// An integer.
    Int(i128),
    /// A float. Its fraction is cut off, as `int()` does; an infinite one is an error.
    Float(f64),
    /// True or false: 1 or 0.
    Bool(bool),
    /// A text, perhaps of a number.
    Text(Cow<'a, str>),
    /// Nothing (JSON's null), which is an error.
    Null,
    /// A list, which is an error.
    List,
    /// An object, which is an error.
    Object,
}

impl<'a> From<&'a serde_json::Value> for Variable<'a> {
    fn from(value: &'a serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(truth) => Self::Bool(*truth),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(number), _) => Self::Int(number.into()),
                (None, Some(number)) => Self::Int(number.into()),
                // Every JSON number that is no integer of 64 bits is a float here.
                (None, None) => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(text) => Self::Text(Cow::Borrowed(text)),
            serde_json::Value::Array(_) => Self::List,
            serde_json::Value::Object(_) => Self::Object,
        }
    }
}
