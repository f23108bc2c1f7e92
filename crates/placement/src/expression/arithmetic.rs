//! Counting as Python does: integers stay integers until they meet a float or a division.

use std::borrow::Cow;

use super::MAX_MADE;
use super::error::Problem;
use super::number;
use super::tree::Operator;
use super::value::{Number, Value};

/// How much the texts and lists of an evaluation may still grow.
#[derive(Debug)]
pub(super) struct Room(usize);

impl Room {
    pub(super) fn new() -> Self {
        Self(MAX_MADE)
    }

    /// Takes room for this many characters and items.
    pub(super) fn take(&mut self, cells: usize) -> Result<(), Problem> {
        self.0 = self.0.checked_sub(cells).ok_or(Problem::TooLarge)?;
        Ok(())
    }
}

type Outcome<'a> = Result<Value<'a>, Problem>;

/// One step of a sum, a product or a power.
pub(super) fn apply<'a>(
    operator: Operator,
    left: Value<'a>,
    right: Value<'a>,
    room: &mut Room,
) -> Outcome<'a> {
    if operator == Operator::Divide {
        return divide(&left, &right);
    }
    if let (Some(left), Some(right)) = (left.number(), right.number()) {
        return match operator {
            Operator::Add => count(left, right, i128::checked_add, |left, right| left + right),
            Operator::Subtract => count(left, right, i128::checked_sub, |left, right| left - right),
            Operator::Multiply => count(left, right, i128::checked_mul, |left, right| left * right),
            _ => power(left, right),
        };
    }
    match operator {
        Operator::Add => join(left, right, room),
        Operator::Multiply => match (left.number(), right.number()) {
            (Some(Number::Int(times)), None) => repeat(right, times, room),
            (None, Some(Number::Int(times))) => repeat(left, times, room),
            _ => Err(unfit(operator, &left, &right)),
        },
        _ => Err(unfit(operator, &left, &right)),
    }
}

/// A sign: 1 or −1 times the value, which is why a text can have one, and a truth value becomes an integer.
pub(super) fn sign<'a>(negative: bool, value: Value<'a>, room: &mut Room) -> Outcome<'a> {
    match (value, negative) {
        (Value::Text(_), true) => Ok(Value::Text(Cow::Borrowed(""))),
        (Value::List(_), true) => Ok(Value::List(Vec::new())),
        (value @ (Value::Text(_) | Value::List(_)), false) => Ok(value),
        (value, negative) => {
            let factor = Value::Int(if negative { -1 } else { 1 });
            apply(Operator::Multiply, factor, value, room)
        }
    }
}

fn count<'a>(
    left: Number,
    right: Number,
    integers: impl Fn(i128, i128) -> Option<i128>,
    floats: impl Fn(f64, f64) -> f64,
) -> Outcome<'a> {
    match (left, right) {
        (Number::Int(left), Number::Int(right)) => {
            integers(left, right).map(Value::Int).ok_or(Problem::TooLarge)
        }
        (left, right) => Ok(Value::Float(floats(left.float(), right.float()))),
    }
}

/// Always a float. The divisor may be a text that says a number, since Cinder puts `float()` around it.
fn divide<'a>(left: &Value<'a>, right: &Value<'a>) -> Outcome<'a> {
    let divisor = match right {
        Value::Text(text) => number::float_of(text),
        other => other.number().map(Number::float),
    };
    match (left.number(), divisor) {
        (Some(_), Some(0.0)) => Err(Problem::DivisionByZero),
        (Some(dividend), Some(divisor)) => Ok(Value::Float(dividend.float() / divisor)),
        _ => Err(unfit(Operator::Divide, left, right)),
    }
}

fn power<'a>(base: Number, exponent: Number) -> Outcome<'a> {
    let (Number::Int(number), Number::Int(times @ 0..)) = (base, exponent) else {
        return float_power(base.float(), exponent.float());
    };
    let result = match (number, u32::try_from(times)) {
        (0 | 1, Err(_)) => Some(number),
        (-1, Err(_)) => Some(if times % 2 == 0 { 1 } else { -1 }),
        (number, Ok(times)) => number.checked_pow(times),
        (_, Err(_)) => None,
    };
    result.map(Value::Int).ok_or(Problem::TooLarge)
}

fn float_power<'a>(base: f64, exponent: f64) -> Outcome<'a> {
    if base == 0.0 && exponent < 0.0 {
        return Err(Problem::DivisionByZero);
    }
    let finite = base.is_finite() && exponent.is_finite();
    if finite && base < 0.0 && exponent.fract() != 0.0 {
        return Err(Problem::Complex);
    }
    let result = base.powf(exponent);
    if finite && result.is_infinite() { Err(Problem::Overflow) } else { Ok(Value::Float(result)) }
}

/// Two texts, or a list and what can be taken apart into items: Cinder's `+=` extends the list by it.
fn join<'a>(left: Value<'a>, right: Value<'a>, room: &mut Room) -> Outcome<'a> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => {
            room.take(right.len() + if matches!(left, Cow::Borrowed(_)) { left.len() } else { 0 })?;
            Ok(Value::Text(left + right))
        }
        (Value::List(mut items), Value::List(more)) => {
            room.take(more.len())?;
            items.extend(more);
            Ok(Value::List(items))
        }
        (Value::List(mut items), Value::Text(text)) => {
            room.take(text.len())?;
            items.extend(text.chars().map(|letter| Value::Text(Cow::Owned(letter.to_string()))));
            Ok(Value::List(items))
        }
        (left, right) => Err(unfit(Operator::Add, &left, &right)),
    }
}

/// A text or a list several times; nothing of it when the number is negative.
fn repeat<'a>(value: Value<'a>, times: i128, room: &mut Room) -> Outcome<'a> {
    let size = cells(&value);
    let times = usize::try_from(times.max(0)).map_err(|_| Problem::TooLarge);
    // Nothing, however often, is nothing.
    let times = if size == 0 { 0 } else { times? };
    room.take(size.checked_mul(times).ok_or(Problem::TooLarge)?)?;
    Ok(match value {
        Value::Text(text) => Value::Text(Cow::Owned(text.repeat(times))),
        Value::List(items) => {
            let all = items.len() * times;
            Value::List(items.into_iter().cycle().take(all).collect())
        }
        number => number,
    })
}

/// How much room it takes.
fn cells(value: &Value<'_>) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::List(items) => items.iter().map(|item| 1 + cells(item)).sum(),
        _ => 0,
    }
}

fn unfit(operator: Operator, left: &Value<'_>, right: &Value<'_>) -> Problem {
    Problem::Operands { operator: operator.sign(), left: left.kind(), right: right.kind() }
}
