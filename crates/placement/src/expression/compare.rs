//! Comparing values as Python does: numbers by their exact worth, texts by code points, lists item by item.

use std::cmp::Ordering;

use super::error::Problem;
use super::tree::Operator;
use super::value::{Number, Value};

/// Whether the comparison holds.
///
/// # Errors
///
/// An order was asked for between kinds that have none; whether they are equal can always be told.
pub(super) fn holds(
    operator: Operator,
    left: &Value<'_>,
    right: &Value<'_>,
) -> Result<bool, Problem> {
    match operator {
        Operator::Equal => return Ok(equal(left, right)),
        Operator::Unequal => return Ok(!equal(left, right)),
        _ => {}
    }
    let ordering = order(operator, left, right)?;
    Ok(match operator {
        Operator::Less => ordering.is_some_and(Ordering::is_lt),
        Operator::LessOrEqual => ordering.is_some_and(Ordering::is_le),
        Operator::Greater => ordering.is_some_and(Ordering::is_gt),
        _ => ordering.is_some_and(Ordering::is_ge),
    })
}

/// Whether two values are equal; values of different kinds are not, but all numbers are of one kind.
fn equal(left: &Value<'_>, right: &Value<'_>) -> bool {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        _ => match (left.number(), right.number()) {
            (Some(left), Some(right)) => compare(left, right) == Some(Ordering::Equal),
            _ => false,
        },
    }
}

/// Which comes first; none when a float is not a number.
fn order(
    operator: Operator,
    left: &Value<'_>,
    right: &Value<'_>,
) -> Result<Option<Ordering>, Problem> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Ok(Some(left.cmp(right))),
        (Value::List(these), Value::List(those)) => {
            // The first items that differ decide, and only they need to have an order.
            match these.iter().zip(those).find(|(this, that)| !equal(this, that)) {
                Some((this, that)) => order(operator, this, that),
                None => Ok(Some(these.len().cmp(&those.len()))),
            }
        }
        _ => match (left.number(), right.number()) {
            (Some(left), Some(right)) => Ok(compare(left, right)),
            _ => Err(Problem::Operands {
                operator: operator.sign(),
                left: left.kind(),
                right: right.kind(),
            }),
        },
    }
}

/// Two numbers, exactly: an integer is not rounded to a float first.
fn compare(left: Number, right: Number) -> Option<Ordering> {
    match (left, right) {
        (Number::Int(left), Number::Int(right)) => Some(left.cmp(&right)),
        (Number::Float(left), Number::Float(right)) => left.partial_cmp(&right),
        (Number::Int(left), Number::Float(right)) => compare_mixed(left, right),
        (Number::Float(left), Number::Int(right)) => {
            compare_mixed(right, left).map(Ordering::reverse)
        }
    }
}

fn compare_mixed(integer: i128, float: f64) -> Option<Ordering> {
    /// 2^127: the smallest float above all integers.
    const ABOVE: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
    if float.is_nan() {
        None
    } else if float >= ABOVE {
        Some(Ordering::Less)
    } else if float < -ABOVE {
        Some(Ordering::Greater)
    } else {
        let whole = float.trunc();
        Some(integer.cmp(&(whole as i128)).then_with(|| {
            // Equal but for the fraction.
            0.0.partial_cmp(&(float - whole)).unwrap_or(Ordering::Equal)
        }))
    }
}
