//! Bodies: content type, size, JSON, and the schema of the microversion, refused in Cinder's words.

pub mod pieces;
pub mod python;
mod rules;
mod statuses;
mod wording;

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

use crate::fault::{Fault, FaultKind, GENERIC};
use crate::version::{Version, v3};

/// A schema and the microversion `3.N` that it begins with.
pub type Since = (u16, fn() -> Value);

/// The schemas of one body, by the microversion that each begins with.
///
/// Declare it as a `static`; schemas are compiled together at first use and kept.
#[derive(Debug)]
pub struct Body {
    versions: &'static [Since],
    compiled: OnceLock<Vec<Compiled>>,
}

#[derive(Debug)]
struct Compiled {
    since: Version,
    schema: Value,
    validator: Validator,
}

impl Body {
    /// Schemas as `(minor, builder)`, oldest first; below the first any body passes.
    #[must_use]
    pub const fn new(versions: &'static [Since]) -> Self {
        Self { versions, compiled: OnceLock::new() }
    }

    /// The schema of `version`; none where any body passes.
    #[must_use]
    pub fn schema(&self, version: Version) -> Option<Value> {
        let found = self.versions.iter().rev().find(|(minor, _)| version >= v3(*minor))?;
        Some(found.1())
    }

    /// Whether `body` fits the schema of `version`.
    ///
    /// # Errors
    /// 400 in Cinder's words.
    pub fn check(&self, version: Version, body: &Value) -> Result<(), Fault> {
        let schemas = self.compiled.get_or_init(|| self.versions.iter().map(compile).collect());
        let Some(found) = schemas.iter().rev().find(|schema| version >= schema.since) else {
            return Ok(());
        };
        if found.validator.is_valid(body) {
            return Ok(());
        }
        let errors = found.validator.iter_errors(body).collect();
        Err(wording::fault(errors, &found.schema))
    }
}

fn compile((minor, build): &Since) -> Compiled {
    let schema = build();
    let validator = rules::options()
        .build(&schema)
        .expect("schemas are constants, and a test compiles every one of them");
    Compiled { since: v3(*minor), schema, validator }
}

/// Whether the header says JSON: `application/json` with any parameters, or the API's own type.
///
/// # Errors
/// 415 for anything else, or nothing.
pub(crate) fn check_content_type(header: Option<&[u8]>) -> Result<(), Fault> {
    let essence = header
        .and_then(|value| std::str::from_utf8(value).ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());
    match essence.as_deref() {
        Some("application/json" | "application/vnd.openstack.volume+json") => Ok(()),
        _ => Err(Fault::new(FaultKind::UnsupportedMedia, "Unsupported Content-Type")),
    }
}

/// Reads JSON.
///
/// # Errors
/// 400 "Malformed request body".
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    serde_json::from_slice(bytes).map_err(|_| Fault::malformed_body())
}

/// The single key of an action's body.
///
/// # Errors
/// As Cinder has it: 400 for what is empty or has several parts, 404 for anything else that is no object.
pub(crate) fn action_name(body: &Value) -> Result<&str, Fault> {
    let parts = match body {
        Value::Object(object) => object.len(),
        Value::Array(items) => items.len(),
        Value::String(text) => text.chars().count(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
    };
    if parts != 1 {
        return Err(Fault::malformed_body());
    }
    let name = body.as_object().and_then(|object| object.keys().next());
    name.map(String::as_str).ok_or_else(Fault::no_resource)
}

/// 400 for an action that does not exist, or `None` where there was no body to name one.
pub(crate) fn unknown_action(name: &str) -> Fault {
    Fault::bad_request(format!(
        "There is no such action: {name}. Verify the request body and Content-Type header and \
         try again."
    ))
}

/// 413 for a body of more than `limit` bytes. Cinder's size filter answers HTML here.
pub(crate) fn too_large(limit: usize) -> Fault {
    Fault::new(FaultKind::OverLimit, format!("Request is too large. The limit is {limit} bytes."))
}

/// 400 for a body where none belongs.
pub(crate) fn unexpected() -> Fault {
    Fault::bad_request(GENERIC)
}

#[cfg(test)]
mod tests;
