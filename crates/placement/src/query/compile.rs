//! From the hint's text to conditions. Whatever does not depend on a pool is decided here, operators above all.

use serde_json::Value;

use super::datum::Datum;
use super::error::shortened;
use super::{Argument, Comparison, Condition, Operator, Path, QueryError};

/// How long a query may be: some 1500 backends' names. Each pool is held against every argument.
pub const MOST_BYTES: usize = 64 * 1024;

/// What the hint asks for; [`None`] when nothing.
pub(super) fn root(hint: &Value) -> Result<Option<Condition>, QueryError> {
    let hint = Datum::from(hint);
    if !hint.truth() {
        return Ok(None);
    }
    let Datum::Text(text) = hint else { return Err(QueryError::NotText(hint.kind())) };
    if text.len() > MOST_BYTES {
        return Err(QueryError::TooLong(text.len()));
    }
    // serde_json refuses more than 127 levels, so that nothing here runs out of stack
    let query: Value =
        serde_json::from_str(text).map_err(|error| QueryError::NotJson(error.to_string()))?;
    match query {
        query if !Datum::from(&query).truth() => Ok(None),
        Value::Array(items) => condition(items).map(Some),
        // Python takes a text apart as it does a list: the operator is its first character, and so on
        Value::String(text) => {
            condition(text.chars().map(|part| part.to_string().into())).map(Some)
        }
        other => Err(QueryError::NotList(Datum::from(&other).kind())),
    }
}

/// From a list that is not empty.
fn condition(items: impl IntoIterator<Item = Value>) -> Result<Condition, QueryError> {
    let mut items = items.into_iter();
    let operator = operator(&items.next().unwrap_or_default())?;
    let arguments =
        items.filter_map(|item| argument(item).transpose()).collect::<Result<_, _>>()?;
    Ok(Condition { operator, arguments })
}

fn operator(item: &Value) -> Result<Operator, QueryError> {
    let Value::String(name) = item else {
        return Err(QueryError::OperatorNotText(Datum::from(item).kind()));
    };
    Ok(match name.as_str() {
        "=" => Operator::Compare(Comparison::Equal),
        "<" => Operator::Compare(Comparison::Less),
        ">" => Operator::Compare(Comparison::Greater),
        "<=" => Operator::Compare(Comparison::LessOrEqual),
        ">=" => Operator::Compare(Comparison::GreaterOrEqual),
        "in" => Operator::In,
        "not" => Operator::Not,
        "and" => Operator::And,
        "or" => Operator::Or,
        other => return Err(QueryError::UnknownOperator(shortened(other))),
    })
}

/// [`None`] when it would be left out for every pool.
fn argument(item: Value) -> Result<Option<Argument>, QueryError> {
    Ok(match item {
        Value::Null => None,
        Value::Array(items) if items.is_empty() => Some(Argument::Value(Value::Bool(true))),
        Value::Array(items) => Some(Argument::Condition(condition(items)?)),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => match text.strip_prefix('$') {
            Some(path) => attribute(path),
            None => Some(Argument::Value(Value::String(text))),
        },
        other => Some(Argument::Value(other)),
    })
}

/// No attribute has an empty name.
fn attribute(path: &str) -> Option<Argument> {
    let mut parts = path.split('.');
    let name = parts.next().filter(|name| !name.is_empty())?;
    Some(Argument::Attribute(Path { name: name.into(), keys: parts.map(Box::from).collect() }))
}
