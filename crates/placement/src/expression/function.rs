//! The functions: `abs`, `max`, `min`.

use std::borrow::Cow;

use super::compare;
use super::error::Problem;
use super::tree::{Function, Operator};
use super::value::{Kind, Number, Value};

/// Calls a function. A list is its arguments; anything else is its only one.
pub(super) fn call<'a>(function: &Function, argument: Value<'a>) -> Result<Value<'a>, Problem> {
    match function {
        Function::Abs => absolute(argument),
        Function::Max => furthest("max", Operator::Greater, argument),
        Function::Min => furthest("min", Operator::Less, argument),
        Function::Unknown(name) => Err(Problem::UnknownFunction { name: name.clone() }),
    }
}

fn absolute(argument: Value<'_>) -> Result<Value<'_>, Problem> {
    let argument = match argument {
        Value::List(mut items) if items.len() == 1 => items.swap_remove(0),
        other => other,
    };
    match argument.number() {
        Some(Number::Int(number)) => number.checked_abs().map(Value::Int).ok_or(Problem::TooLarge),
        Some(Number::Float(number)) => Ok(Value::Float(number.abs())),
        None => Err(Problem::Argument { function: "abs", argument: argument.kind() }),
    }
}

/// The first of those that no other exceeds, going from left to right; of a single argument, among its items.
fn furthest<'a>(
    function: &'static str,
    exceeds: Operator,
    argument: Value<'a>,
) -> Result<Value<'a>, Problem> {
    let unfit = |argument: Kind| Problem::Argument { function, argument };
    let mut candidates = match argument {
        Value::List(mut items) if items.len() == 1 => items_of(items.swap_remove(0)),
        Value::List(items) => Ok(items),
        other => items_of(other),
    }
    .map_err(unfit)?
    .into_iter();
    let mut best = candidates.next().ok_or(unfit(Kind::List))?;
    for candidate in candidates {
        if compare::holds(exceeds, &candidate, &best)? {
            best = candidate;
        }
    }
    Ok(best)
}

/// The items of a list, the characters of a text; a number has none.
fn items_of(value: Value<'_>) -> Result<Vec<Value<'_>>, Kind> {
    match value {
        Value::List(items) => Ok(items),
        Value::Text(text) => {
            let letter = |letter: char| Value::Text(Cow::Owned(letter.to_string()));
            Ok(text.chars().map(letter).collect())
        }
        other => Err(other.kind()),
    }
}
