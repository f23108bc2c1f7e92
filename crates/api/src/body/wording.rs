//! Refusals of a schema in the words of Cinder and of the validator below it.

use std::cmp::Reverse;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::LocationSegment;
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::python::{display, quote, repr};
use super::rules::CHECK;
use crate::fault::Fault;

/// The 400 for a body that has `errors` under `schema`: the one nearest to the root speaks.
pub(super) fn fault(errors: Vec<ValidationError<'_>>, schema: &Value) -> Fault {
    let Some(error) = errors.into_iter().min_by_key(|error| (depth(error), is_weak(error.kind())))
    else {
        return Fault::malformed_body();
    };
    let (message, stands_alone) = reason(&error, schema);
    let last = error.instance_path().into_iter().last().map(|segment| match segment {
        LocationSegment::Property(name) => name.to_string(),
        LocationSegment::Index(index) => index.to_string(),
    });
    match last {
        Some(field) if !stands_alone => Fault::bad_request(format!(
            "Invalid input for field/attribute {field}. Value: {}. {message}",
            display(error.instance())
        )),
        _ => Fault::bad_request(message),
    }
}

fn depth(error: &ValidationError<'_>) -> usize {
    error.instance_path().into_iter().count()
}

/// Alternatives that all failed say less than a plain refusal beside them.
fn is_weak(kind: &ValidationErrorKind) -> bool {
    matches!(kind, ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. })
}

/// The reason, and whether it stands without naming the field.
fn reason(error: &ValidationError<'_>, schema: &Value) -> (String, bool) {
    use ValidationErrorKind as Kind;
    let value = || repr(error.instance());
    let text = match error.kind() {
        Kind::Custom { keyword, message } => return (message.clone(), keyword == CHECK),
        Kind::Required { property } => format!("{} is a required property", repr(property)),
        Kind::AdditionalProperties { unexpected } => additional(unexpected, error, schema),
        Kind::Type { kind } => format!("{} is not of type {}", value(), types(kind)),
        Kind::Enum { options } => format!("{} is not one of {}", value(), repr(options)),
        Kind::MinLength { limit: 1 } | Kind::MinItems { limit: 1 } => {
            format!("{} should be non-empty", value())
        }
        Kind::MinProperties { limit: 1 } => format!("{} should be non-empty", value()),
        Kind::MinLength { .. } | Kind::MinItems { .. } => format!("{} is too short", value()),
        Kind::MaxLength { .. } | Kind::MaxItems { .. } => format!("{} is too long", value()),
        Kind::MinProperties { .. } => format!("{} does not have enough properties", value()),
        Kind::MaxProperties { .. } => format!("{} has too many properties", value()),
        Kind::Pattern { pattern } => format!("{} does not match {}", value(), quote(pattern)),
        Kind::Format { format } => format!("{} is not a {}", value(), quote(format)),
        Kind::UniqueItems => format!("{} has non-unique elements", value()),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            return alternatives(context, error, schema);
        }
        Kind::OneOfMultipleValid { .. } => {
            format!("{} is valid under more than one of the given schemas", value())
        }
        _ => error.to_string(),
    };
    (text, false)
}

/// When the value has the type of just one alternative, that one says what is wrong with it.
fn alternatives(
    context: &[Vec<ValidationError<'static>>],
    error: &ValidationError<'_>,
    schema: &Value,
) -> (String, bool) {
    let mut of_its_type = context
        .iter()
        .filter_map(|branch| branch.iter().min_by_key(|inner| depth(inner)))
        .filter(|inner| {
            !matches!(
                inner.kind(),
                ValidationErrorKind::Type { .. } | ValidationErrorKind::Required { .. }
            )
        });
    match (of_its_type.next(), of_its_type.next()) {
        (Some(only), None) => reason(only, schema),
        _ => (
            format!("{} is not valid under any of the given schemas", repr(error.instance())),
            false,
        ),
    }
}

fn additional(unexpected: &[String], error: &ValidationError<'_>, schema: &Value) -> String {
    let mut names: Vec<String> = unexpected.iter().map(|name| quote(name)).collect();
    names.sort_unstable();
    let single = names.len() == 1;
    let names = names.join(", ");
    let patterns = patterns_beside(error, schema);
    if patterns.is_empty() {
        let verb = if single { "was" } else { "were" };
        return format!("Additional properties are not allowed ({names} {verb} unexpected)");
    }
    let verb = if single { "does" } else { "do" };
    format!("{names} {verb} not match any of the regexes: {}", patterns.join(", "))
}

/// The patterns of `patternProperties` beside the `additionalProperties` that failed.
fn patterns_beside(error: &ValidationError<'_>, schema: &Value) -> Vec<String> {
    let path = error.schema_path().as_str();
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let mut patterns: Vec<String> = schema
        .pointer(parent)
        .and_then(|part| part.get("patternProperties"))
        .and_then(Value::as_object)
        .map(|patterns| patterns.keys().map(|pattern| quote(pattern)).collect())
        .unwrap_or_default();
    patterns.sort_unstable_by_key(|pattern| Reverse(pattern.len()));
    patterns
}

/// Type names in the order in which Cinder's schemas write them.
fn types(kind: &TypeKind) -> String {
    const ORDER: [(JsonType, &str); 7] = [
        (JsonType::Integer, "'integer'"),
        (JsonType::Number, "'number'"),
        (JsonType::Boolean, "'boolean'"),
        (JsonType::Object, "'object'"),
        (JsonType::Array, "'array'"),
        (JsonType::String, "'string'"),
        (JsonType::Null, "'null'"),
    ];
    let wanted = |kind_of: JsonType| match kind {
        TypeKind::Single(single) => *single == kind_of,
        TypeKind::Multiple(several) => several.contains(kind_of),
    };
    let names: Vec<&str> =
        ORDER.iter().filter(|(kind_of, _)| wanted(*kind_of)).map(|(_, name)| *name).collect();
    names.join(", ")
}
