//! Shared pieces of schemas: what names, sizes, maps and the like may be.
//!
//! Each function gives a JSON Schema (draft 4) that accepts just what Cinder accepts.

use serde_json::{Value, json};

/// Largest integer in Cinder's columns.
const MAX_INT: u32 = 2_147_483_647;
/// Keys of metadata and of extra specs given with a type.
const WIDE_KEY: &str = "^[a-zA-Z0-9-_:. /]{1,255}$";
/// Keys of extra specs on their own endpoints.
const NARROW_KEY: &str = "^[a-zA-Z0-9-_:.]{1,255}$";
/// Keys of snapshot metadata on its own endpoints.
const SPACED_KEY: &str = "^[a-zA-Z0-9-_:. ]{1,255}$";

/// An object with `properties`, of which `required` must be there, and no others.
#[must_use]
pub fn object(properties: Value, required: &[&str]) -> Value {
    let mut schema = json!({
        "type": "object", "properties": properties, "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

/// The usual body: one required key with `inner` below it.
#[must_use]
pub fn wrapped(key: &str, inner: Value) -> Value {
    object(json!({ key: inner }), &[key])
}

/// An action whose value does not matter: `{"os-reserve": null}`.
#[must_use]
pub fn action_without_value(key: &str) -> Value {
    wrapped(key, json!({}))
}

/// A name that must be there: 1 to 255 characters, not blank.
#[must_use]
pub fn name() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 255, "check": "name" })
}

/// A string up to 255 characters, or null.
#[must_use]
pub fn nullable_string() -> Value {
    json!({ "type": ["string", "null"], "minLength": 0, "maxLength": 255 })
}

/// A string of 1 to 255 characters.
#[must_use]
pub fn short_string() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 255 })
}

/// The name of a volume: any characters, 255 after trimming, or null.
#[must_use]
pub fn trimmed_name() -> Value {
    json!({ "type": ["string", "null"], "check": "trimmed_name" })
}

/// The description of a volume: any characters, 255 after trimming, or null.
#[must_use]
pub fn trimmed_description() -> Value {
    json!({ "type": ["string", "null"], "check": "trimmed_description" })
}

/// A description: up to 255 printable characters of the basic plane, or null.
#[must_use]
pub fn description() -> Value {
    json!({
        "type": ["string", "null"], "minLength": 0, "maxLength": 255,
        "pattern": r"^[^\p{C}\p{Zl}\p{Zp}\u{10000}-\u{10FFFF}]*$",
    })
}

/// Boolean, or one of the words for it in the exact spellings that Cinder has. Numbers are none.
#[must_use]
pub fn boolean() -> Value {
    json!({
        "type": ["boolean", "string"],
        "enum": [
            true, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes", "y", "t",
            false, "False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no", "n", "f",
        ],
    })
}

/// [`boolean`] or null.
#[must_use]
pub fn optional_boolean() -> Value {
    json!({ "oneOf": [{ "type": "null" }, boolean()] })
}

/// The truth of a value that passed [`boolean`]; none for null and other things.
#[must_use]
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => crate::query::read_boolean(text),
        _ => None,
    }
}

/// A UUID, hyphens optional.
#[must_use]
pub fn uuid() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

/// A UUID or null.
#[must_use]
pub fn optional_uuid() -> Value {
    json!({ "oneOf": [{ "type": "null" }, uuid()] })
}

/// The text of a value that passed [`uuid`] as identities are stored: with hyphens, in small letters.
#[must_use]
pub fn canonical_uuid(text: &str) -> String {
    uuid::Uuid::try_parse(text).map_or_else(|_| text.to_owned(), |id| id.hyphenated().to_string())
}

/// How a server may use a volume: `rw` or `ro`.
#[must_use]
pub fn attach_mode() -> Value {
    json!({ "type": "string", "enum": ["rw", "ro"] })
}

/// A size in GiB: integer or string of digits, 1 to 2147483647.
#[must_use]
pub fn size() -> Value {
    json!({
        "type": ["integer", "string"], "pattern": "^[0-9]+$", "minimum": 1, "maximum": MAX_INT,
    })
}

/// A size or null.
#[must_use]
pub fn size_or_null() -> Value {
    let mut schema = size();
    schema["type"] = json!(["integer", "string", "null"]);
    schema
}

/// The number of a value that passed [`size`].
#[must_use]
pub fn read_size(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Metadata: keys of letters, digits and `-_:. /`, values strings up to 255.
#[must_use]
pub fn metadata() -> Value {
    map(WIDE_KEY, &json!({ "type": "string", "maxLength": 255 }))
}

/// Metadata or null.
#[must_use]
pub fn metadata_or_null() -> Value {
    let mut schema = metadata();
    schema["type"] = json!(["object", "null"]);
    schema
}

/// Metadata on a snapshot's own metadata endpoints: no slash in keys.
#[must_use]
pub fn snapshot_metadata() -> Value {
    map(SPACED_KEY, &json!({ "type": "string", "maxLength": 255 }))
}

/// Image metadata: values up to 65535 bytes.
#[must_use]
pub fn image_metadata() -> Value {
    map(WIDE_KEY, &json!({ "type": "string", "format": "mysql_text" }))
}

/// Extra specs given with a type: values string or null.
#[must_use]
pub fn extra_specs_with_null() -> Value {
    map(WIDE_KEY, &json!({ "type": ["string", "null"], "maxLength": 255 }))
}

/// Extra specs and group specs on their own endpoints: neither blank nor slash in keys.
#[must_use]
pub fn extra_specs_with_narrow_keys() -> Value {
    map(NARROW_KEY, &json!({ "type": ["string", "null"], "minLength": 0, "maxLength": 255 }))
}

/// A zone: 1 to 255 characters, or null.
#[must_use]
pub fn availability_zone() -> Value {
    json!({ "type": ["string", "null"], "minLength": 1, "maxLength": 255 })
}

/// A host of Cinder's: `host`, `host@backend`, `host@backend#pool`, or null.
#[must_use]
pub fn host() -> Value {
    json!({
        "type": ["string", "null"], "minLength": 1, "maxLength": 255,
        "pattern": r"^[a-zA-Z0-9-._#@:/+\[\]]*$",
    })
}

/// `"N%"` with N from 0 to 100.
#[must_use]
pub fn progress() -> Value {
    json!({ "type": ["string", "null"], "check": "progress" })
}

/// An object whose keys fit `key` and whose values fit `value`.
#[must_use]
pub fn map(key: &str, value: &Value) -> Value {
    json!({ "type": "object", "patternProperties": { key: value }, "additionalProperties": false })
}
