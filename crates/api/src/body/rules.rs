//! Keywords and formats beyond JSON Schema that bodies use.
//!
//! - `minimum` and `maximum` look at strings of digits too, as Cinder's validator does.
//! - `format: uuid` is Cinder's "uuid-like": hyphens optional, any case.
//! - `check: NAME` runs one of the checks below; its message stands by itself, without
//!   "Invalid input for field/attribute".

use jsonschema::paths::Location;
use jsonschema::{Draft, Keyword, ValidationError, ValidationOptions};
use serde_json::{Map, Value};

use super::python::repr;
use super::statuses;

/// Name of the keyword whose messages stand by themselves.
pub(super) const CHECK: &str = "check";

type Factory = Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'static>>;

/// The validator's options: draft 4, as in Cinder, with what this file adds.
pub(super) fn options() -> ValidationOptions<'static> {
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .should_validate_formats(true)
        .with_format("uuid", |text: &str| uuid::Uuid::try_parse(text).is_ok())
        .with_format("mysql_text", |text: &str| text.len() <= 65_535)
        .with_format("base64", is_base64)
        .with_format("group_type", |text: &str| (1..=255).contains(&text.trim().chars().count()))
        .with_keyword("minimum", |_, limit, _: Location| bound(limit, Side::Minimum))
        .with_keyword("maximum", |_, limit, _: Location| bound(limit, Side::Maximum))
        .with_keyword(CHECK, |_: &Map<String, Value>, name, _: Location| check(name))
}

/// Standard alphabet with padding, as Python's decoder wants it.
fn is_base64(text: &str) -> bool {
    let bare = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - bare.len() <= 2
        && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

#[derive(Clone, Copy)]
enum Side {
    Minimum,
    Maximum,
}

struct Bound {
    limit: f64,
    side: Side,
}

fn bound(limit: &Value, side: Side) -> Factory {
    let limit = limit.as_f64().ok_or_else(|| ValidationError::schema("a limit is a number"))?;
    Ok(Box::new(Bound { limit, side }))
}

impl Bound {
    fn message(&self, instance: &Value) -> Option<String> {
        let number = match instance {
            Value::Number(number) => number.as_f64()?,
            Value::String(text) => text.trim().parse::<f64>().ok()?,
            _ => return None,
        };
        let (limit, shown) = (self.limit, repr(instance));
        match self.side {
            Side::Minimum if number < limit => {
                Some(format!("{shown} is less than the minimum of {limit}"))
            }
            Side::Maximum if number > limit => {
                Some(format!("{shown} is greater than the maximum of {limit}"))
            }
            _ => None,
        }
    }
}

impl<'i> Keyword<'i> for Bound {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        self.message(instance).map_or(Ok(()), |message| Err(ValidationError::custom(message)))
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        self.message(instance).is_none()
    }
}

/// A check that words its own refusal.
struct Check(fn(&Value) -> Option<String>);

impl<'i> Keyword<'i> for Check {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        (self.0)(instance).map_or(Ok(()), |message| Err(ValidationError::custom(message)))
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        (self.0)(instance).is_none()
    }
}

fn check(name: &Value) -> Factory {
    let check: fn(&Value) -> Option<String> = match name.as_str().unwrap_or_default() {
        "name" => name_is_there,
        "name_trimmed" => name_is_there_and_fits,
        "trimmed_name" => |value| trimmed_fits(value, "name"),
        "trimmed_description" => |value| trimmed_fits(value, "description"),
        "disabled_reason" => disabled_reason,
        "log_level" => log_level,
        "progress" => progress,
        "key_size" => key_size,
        "group_status" => statuses::group_status,
        "group_snapshot_status" => statuses::group_snapshot_status,
        "volume_reset" => statuses::volume_reset,
        "volume_status" => statuses::volume_status,
        "volume_attach_status" => statuses::volume_attach_status,
        "volume_migration_status" => statuses::volume_migration_status,
        _ => return Err(ValidationError::schema("there is no such check")),
    };
    Ok(Box::new(Check(check)))
}

fn invalid_name(reason: &str) -> Option<String> {
    Some(format!("An invalid 'name' value was provided. {reason}"))
}

fn name_is_there(value: &Value) -> Option<String> {
    match value.as_str() {
        Some("") => invalid_name("The 'name' can not be None."),
        Some(text) if text.trim().is_empty() => invalid_name("The 'name' can not be empty."),
        _ => None,
    }
}

fn name_is_there_and_fits(value: &Value) -> Option<String> {
    name_is_there(value).or_else(|| {
        (value.as_str()?.trim().chars().count() > 255)
            .then(|| invalid_name("The 'name' can not be greater than 255 characters."))
            .flatten()
    })
}

fn trimmed_fits(value: &Value, what: &str) -> Option<String> {
    let length = value.as_str()?.trim().chars().count();
    (length > 255)
        .then(|| format!("Invalid input received: {what} has {length} characters, more than 255."))
}

fn disabled_reason(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    if !text.is_empty() && text.trim().is_empty() {
        return Some(
            "Invalid input received: disabled_reason has a minimum character requirement of 1."
                .to_owned(),
        );
    }
    trimmed_fits(value, "disabled_reason")
}

/// Null is no level either.
fn log_level(value: &Value) -> Option<String> {
    let word = value.as_str().unwrap_or_default();
    let is_level = word.parse::<ashlar_types::LogLevel>().is_ok();
    (!is_level).then(|| format!("Invalid input received: {word} is not a valid log level."))
}

fn progress(value: &Value) -> Option<String> {
    let text = value.as_str().filter(|text| !text.is_empty())?;
    let mut signs = text.chars();
    let last = signs.next_back();
    match signs.as_str().parse::<i64>() {
        Err(_) => Some("Invalid input received: progress must be an integer percentage".to_owned()),
        // Zeros in front may be many; the column is not.
        Ok(number) if !(0..=100).contains(&number) || last != Some('%') || text.len() > 100 => {
            Some(
                "Invalid input received: progress must be an integer percentage between 0 and 100"
                    .to_owned(),
            )
        }
        Ok(_) => None,
    }
}

fn key_size(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    text.parse::<i64>()
        .is_err()
        .then(|| "Invalid input received: key_size must be an integer.".to_owned())
}
