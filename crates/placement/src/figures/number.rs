//! A figure of a report as Python would compute with it.

use serde_json::Value;

use crate::python;

/// What stands where a number is expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number<'a> {
    /// A number, or a truth value, which counts as 0 or 1.
    Float(f64),
    /// A text; may read as a number.
    Text(&'a str),
    /// Null.
    Null,
    /// A list or an object.
    Other,
}

impl<'a> Number<'a> {
    pub(crate) fn read(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Float(f64::from(u8::from(*truth))),
            Value::Number(number) => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => Self::Text(text),
            Value::Array(_) | Value::Object(_) => Self::Other,
        }
    }

    /// As `float()` makes of it: texts are read.
    pub(crate) fn as_float(self) -> Option<f64> {
        match self {
            Self::Float(number) => Some(number),
            Self::Text(text) => python::float(text),
            Self::Null | Self::Other => None,
        }
    }

    /// As an operand of an addition or a comparison with a number: texts will not do.
    pub(crate) fn as_operand(self) -> Option<f64> {
        if let Self::Float(number) = self { Some(number) } else { None }
    }
}

/// What stands where a capacity is expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Capacity<'a> {
    /// `infinite` or `unknown`.
    Limitless,
    /// A number, or something odd.
    Number(Number<'a>),
}

impl<'a> Capacity<'a> {
    /// Nothing at all is 0, as in Cinder.
    pub(crate) fn read(value: Option<&'a Value>) -> Self {
        match value {
            None => Self::Number(Number::Float(0.0)),
            Some(Value::String(word)) if word == "infinite" || word == "unknown" => Self::Limitless,
            Some(value) => Self::Number(Number::read(value)),
        }
    }

    pub(crate) fn is_limitless(self) -> bool {
        self == Self::Limitless
    }

    pub(crate) fn as_float(self) -> Option<f64> {
        if let Self::Number(number) = self { number.as_float() } else { None }
    }

    pub(crate) fn as_operand(self) -> Option<f64> {
        if let Self::Number(number) = self { number.as_operand() } else { None }
    }
}

/// Whether a value counts as true where a truth is asked for: not null, false, zero or empty.
pub(crate) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}
