//! OpenAPI documents: the API as it is at one microversion, made from the tables of endpoints.
//!
//! Paths, versions, actions and bodies are those that requests are judged by; what answers look like stands in
//! [`answers`], and tests hold it against real ones.

pub mod answers;
mod parameters;
mod schema;

use http::Method;
use serde_json::{Map, Value, json};

use crate::endpoint::Endpoint;
use crate::fault::FaultKind;
use crate::version::Version;
use answers::Shape;

/// The document of `version`.
#[must_use]
pub fn document(tables: &[&'static [Endpoint]], version: Version) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let served = || tables.iter().copied().flatten().filter(|endpoint| endpoint.answers(version));
    for endpoint in served() {
        let method = endpoint.method.as_str().to_ascii_lowercase();
        let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        let Some(path) = path.as_object_mut() else { continue };
        // Actions share an operation: they differ by their bodies.
        path.entry(method).or_insert_with(|| {
            let same = served().filter(|other| {
                other.path == endpoint.path && other.method == endpoint.method
            });
            operation(&same.collect::<Vec<_>>(), version)
        });
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Block Storage",
            "version": version.to_string(),
            "description": "The Block Storage API v3 at one microversion, without the project in the path.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/v3" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": components(version),
    })
}

fn components(version: Version) -> Value {
    json!({
        "securitySchemes": {
            "token": { "type": "apiKey", "in": "header", "name": "X-Auth-Token" },
        },
        "parameters": {
            "version": {
                "name": "OpenStack-API-Version", "in": "header", "required": true,
                "schema": { "type": "string", "const": format!("volume {version}") },
            },
            "idempotency_key": {
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "The same request with the same key is carried out once in a day.",
                "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
            },
        },
        "schemas": { "Fault": fault() },
    })
}

/// The envelope of every refusal.
fn fault() -> Value {
    let mut names: Vec<&str> = FaultKind::ALL.iter().map(|kind| kind.http().1).collect();
    // Keystone's own form of 401.
    names.push("error");
    names.sort_unstable();
    names.dedup();
    let inner = json!({
        "type": "object",
        "properties": {
            "code": { "type": "integer" },
            "message": { "type": "string" },
            "retryAfter": { "type": "string" },
            "title": { "type": "string" },
        },
        "required": ["code", "message"],
    });
    let properties: Map<String, Value> =
        names.into_iter().map(|name| (name.to_owned(), inner.clone())).collect();
    json!({
        "type": "object", "properties": properties, "additionalProperties": false,
        "minProperties": 1, "maxProperties": 1,
    })
}

/// One method of one path: usually of one endpoint, of several when they are actions.
fn operation(endpoints: &[&Endpoint], version: Version) -> Value {
    let Some(first) = endpoints.first() else { return Value::Null };
    let mut told = json!({
        "operationId": name(endpoints),
        "parameters": parameters::of(first, version),
        "responses": responses(endpoints, version),
        "x-operations": endpoints.iter().map(|endpoint| endpoint.op).collect::<Vec<_>>(),
    });
    let rules: Vec<&str> = endpoints.iter().filter_map(|endpoint| endpoint.rule).collect();
    if !rules.is_empty() {
        told["x-policies"] = json!(rules);
    }
    if let Some(body) = body(endpoints, version) {
        told["requestBody"] = body;
    }
    told
}

/// `volume.action.extend` and its like are one operation, `volume.action`.
fn name<'e>(endpoints: &[&'e Endpoint]) -> &'e str {
    match endpoints {
        [] => "",
        [one] => one.op,
        [first, ..] => first.op.rsplit_once('.').map_or(first.op, |(group, _)| group),
    }
}

fn body(endpoints: &[&Endpoint], version: Version) -> Option<Value> {
    let schemas: Vec<Value> = endpoints
        .iter()
        .filter_map(|endpoint| {
            let schema = endpoint.body.and_then(|body| body.schema(version)).map(schema::portable);
            match (schema, endpoint.action) {
                (Some(schema), _) => Some(schema),
                (None, Some(action)) => Some(json!({
                    "type": "object", "properties": { action: {} }, "required": [action],
                    "additionalProperties": false,
                })),
                (None, None) => None,
            }
        })
        .collect();
    let schema = match schemas.as_slice() {
        [] => return None,
        [one] => one.clone(),
        several => json!({ "oneOf": several }),
    };
    Some(json!({ "required": true, "content": { "application/json": { "schema": schema } } }))
}

fn responses(endpoints: &[&Endpoint], version: Version) -> Value {
    let mut told: Map<String, Value> = Map::new();
    for kind in FaultKind::ALL.iter().filter(|kind| may_answer(endpoints, **kind)) {
        let (status, name) = kind.http();
        let schema = json!({ "$ref": "#/components/schemas/Fault" });
        told.insert(
            status.as_u16().to_string(),
            json!({ "description": name, "content": { "application/json": { "schema": schema } } }),
        );
    }
    let mut bodies: Map<String, Value> = Map::new();
    for endpoint in endpoints {
        let Some(answer) = answers::of(endpoint.op) else { continue };
        let known = bodies.entry(answer.status.to_string()).or_insert_with(|| json!([]));
        if let (Shape::Json(shape), Some(known)) = (&answer.shape, known.as_array_mut()) {
            let shape = shape(version);
            if !known.contains(&shape) {
                known.push(shape);
            }
        }
    }
    for (status, shapes) in bodies {
        let mut response = json!({ "description": "done, or accepted" });
        match shapes.as_array().map(Vec::as_slice) {
            None | Some([]) => {}
            Some([one]) => {
                response["content"] = json!({ "application/json": { "schema": one } });
            }
            Some(several) => {
                response["content"] =
                    json!({ "application/json": { "schema": { "anyOf": several } } });
            }
        }
        told.insert(status, response);
    }
    Value::Object(told)
}

/// Which refusals are possible. What breaks inside is none of them.
fn may_answer(endpoints: &[&Endpoint], kind: FaultKind) -> bool {
    let reads = endpoints.iter().all(|endpoint| endpoint.method == Method::GET);
    let takes_body = endpoints.iter().any(|one| one.body.is_some() || one.action.is_some());
    match kind {
        FaultKind::Internal | FaultKind::NotImplemented => false,
        FaultKind::Conflict => !reads,
        FaultKind::OverLimit | FaultKind::UnsupportedMedia => takes_body || !reads,
        _ => true,
    }
}

#[cfg(test)]
mod tests;
