//! Whether an answer is as the document of its microversion says. Tests hold every answer that they get against it, so
//! that documents stay true.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jsonschema::Validator;
use serde_json::Value;

use super::document;
use crate::v3::TABLES;
use crate::version::{Version, v3};

/// An answer that came.
#[derive(Debug)]
pub struct Heard<'a> {
    /// Method of the request.
    pub method: &'a str,
    /// Path of the request, with `/v3`, with or without the project.
    pub path: &'a str,
    /// The answer's header `OpenStack-API-Version`.
    pub version: &'a str,
    /// Status.
    pub status: u16,
    /// Body; null for none.
    pub body: &'a Value,
}

/// Holds the answer against its document. Paths and methods that no document has are passed over.
///
/// # Errors
/// What is not as the document says.
pub fn check(heard: &Heard<'_>) -> Result<(), String> {
    let Some(version) = version(heard.version) else { return Ok(()) };
    let document = document_of(version);
    let Some((path, operation)) = find(document, heard) else { return Ok(()) };
    let status = heard.status.to_string();
    let name = &operation["operationId"];
    let Some(told) = operation["responses"].get(&status) else {
        return Err(format!("{version} does not say that {name} may answer {status}"));
    };
    let elsewhere = told["$ref"].as_str().map(|place| place.trim_start_matches('#'));
    let told = elsewhere.and_then(|place| document.pointer(place)).unwrap_or(told);
    let sometimes = told["x-content"].as_object().filter(|_| !heard.body.is_null());
    let Some(content) = told["content"].as_object().or(sometimes) else {
        let silent = heard.body.is_null();
        return silent.then_some(()).ok_or_else(|| format!("{version}: {name} has a body"));
    };
    if !content.contains_key("application/json") {
        return Ok(());
    }
    let key = (version, path.to_owned(), heard.method.to_ascii_lowercase(), heard.status);
    let schema = &content["application/json"]["schema"];
    let validator = validator(key, schema, &document["components"])?;
    let wrong: Vec<String> = validator
        .iter_errors(heard.body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{version}: {name} {status} is not as told: {}", wrong.join("; ")))
}

fn version(header: &str) -> Option<Version> {
    let minor = v3(header.strip_prefix("volume 3.")?.parse().ok()?);
    (minor <= Version::MAX).then_some(minor)
}

fn document_of(version: Version) -> &'static Value {
    static DOCUMENTS: OnceLock<Vec<OnceLock<Value>>> = OnceLock::new();
    let all = DOCUMENTS
        .get_or_init(|| (0..=Version::MAX.minor()).map(|_| OnceLock::new()).collect::<Vec<_>>());
    all[usize::from(version.minor())].get_or_init(|| document(TABLES, version))
}

/// The path and the operation that the request was for, whether it named the project or not.
fn find<'d>(document: &'d Value, heard: &Heard<'_>) -> Option<(&'d str, &'d Value)> {
    let path = heard.path.split('?').next()?.strip_prefix("/v3/")?;
    let segments: Vec<&str> = path.split('/').collect();
    let (path, methods) = best(document, &segments).or_else(|| best(document, &segments[1..]))?;
    Some((path, methods.get(heard.method.to_ascii_lowercase())?))
}

/// The path with the most words of its own that fits.
fn best<'d>(document: &'d Value, segments: &[&str]) -> Option<(&'d str, &'d Value)> {
    let fits = |path: &str| {
        let wanted: Vec<&str> = path.split('/').skip(1).collect();
        let same = |(want, is): (&&str, &&str)| want.starts_with('{') || want == is;
        wanted.len() == segments.len() && wanted.iter().zip(segments).all(same)
    };
    let paths = document["paths"].as_object()?.iter().filter(|(path, _)| fits(path));
    paths.min_by_key(|(path, _)| path.matches('{').count()).map(|(path, it)| (path.as_str(), it))
}

type Key = (Version, String, String, u16);

fn validator(key: Key, schema: &Value, components: &Value) -> Result<Arc<Validator>, String> {
    static KNOWN: OnceLock<Mutex<HashMap<Key, Arc<Validator>>>> = OnceLock::new();
    let known = KNOWN.get_or_init(Mutex::default);
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = known.get(&key) {
        return Ok(found.clone());
    }
    let mut whole = schema.clone();
    whole["components"] = components.clone();
    let built = jsonschema::options().should_validate_formats(true).build(&whole);
    let built = Arc::new(built.map_err(|error| error.to_string())?);
    known.insert(key, built.clone());
    Ok(built)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judge(method: &str, path: &str, status: u16, body: &Value) -> Result<(), String> {
        check(&Heard { method, path, version: "volume 3.71", status, body })
    }

    #[test]
    fn what_is_not_as_told_is_found() {
        let zones = json!({ "availabilityZoneInfo": [] });
        for path in ["/v3/os-availability-zone?x=y", "/v3/a project/os-availability-zone"] {
            assert_eq!(judge("GET", path, 200, &zones), Ok(()));
            assert!(judge("GET", path, 200, &json!({})).is_err());
            assert!(judge("GET", path, 202, &zones).is_err());
            assert!(judge("GET", path, 404, &json!({})).is_err());
            assert!(judge("GET", path, 400, &json!({ "error": "no envelope" })).is_err());
        }
        let action = "/v3/volumes/x/action";
        assert_eq!(judge("POST", action, 202, &Value::Null), Ok(()));
        assert!(judge("POST", action, 202, &json!({ "anything": 1 })).is_err());
        assert!(judge("DELETE", "/v3/volumes/x", 202, &json!({})).is_err());
    }

    #[test]
    fn what_no_document_tells_of_is_passed_over() {
        for path in ["/", "/v3/", "/v3/colours", "/ashlar/v1/operations"] {
            assert_eq!(judge("GET", path, 500, &Value::Null), Ok(()), "{path}");
        }
        assert_eq!(judge("PATCH", "/v3/volumes", 405, &Value::Null), Ok(()));
    }

    #[test]
    fn a_path_in_words_comes_before_one_with_a_name_in_it() {
        let document = document_of(Version::MAX);
        let path = |segments: &[&str]| best(document, segments).map(|(path, _)| path);
        assert_eq!(path(&["volumes", "detail"]), Some("/volumes/detail"));
        assert_eq!(path(&["volumes", "x"]), Some("/volumes/{volume_id}"));
    }
}
