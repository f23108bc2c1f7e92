//! OpenAPI documents: the API as it is at one microversion, made from the tables of endpoints.
//!
//! Paths, versions, actions and bodies are those that requests are judged by; what answers look like stands in
//! [`answers`], and tests hold it against real ones.

pub mod answers;
mod parameters;
mod refusals;
mod schema;
pub mod shapes;
pub mod truth;

use serde_json::{Map, Value, json};

use crate::endpoint::Endpoint;
use crate::fault::FaultKind;
use crate::version::Version;
use answers::Shape;
use shapes::Scribe;

/// The document of `version`.
#[must_use]
pub fn document(tables: &[&'static [Endpoint]], version: Version) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let mut scribe = Scribe::at(version);
    let served = || tables.iter().copied().flatten().filter(|endpoint| endpoint.answers(version));
    for endpoint in served() {
        let method = endpoint.method.as_str().to_ascii_lowercase();
        let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        let Some(path) = path.as_object_mut() else { continue };
        // Actions share an operation: they differ by their bodies.
        path.entry(method).or_insert_with(|| {
            let same = served()
                .filter(|other| other.path == endpoint.path && other.method == endpoint.method);
            operation(&same.collect::<Vec<_>>(), version, &mut scribe)
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
        "components": components(version, scribe.named),
    })
}

fn components(version: Version, mut schemas: Map<String, Value>) -> Value {
    schemas.insert("Fault".to_owned(), fault());
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
        "schemas": schemas,
        "responses": refusals(),
    })
}

/// Every refusal by the name of its kind.
fn refusals() -> Map<String, Value> {
    let told = |kind: &FaultKind| {
        let schema = json!({ "$ref": "#/components/schemas/Fault" });
        let content = json!({ "application/json": { "schema": schema } });
        (format!("{kind:?}"), json!({ "description": kind.http().1, "content": content }))
    };
    FaultKind::ALL.iter().map(told).collect()
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
fn operation(endpoints: &[&Endpoint], version: Version, scribe: &mut Scribe) -> Value {
    let Some(first) = endpoints.first() else { return Value::Null };
    let mut told = json!({
        "operationId": name(endpoints),
        "parameters": parameters::of(first, version),
        "responses": responses(endpoints, version, scribe),
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

fn responses(endpoints: &[&Endpoint], version: Version, scribe: &mut Scribe) -> Value {
    let mut told: Map<String, Value> = Map::new();
    let possible = |kind: &&FaultKind| refusals::is_possible(endpoints, version, **kind);
    for kind in FaultKind::ALL.iter().filter(possible) {
        let place = format!("#/components/responses/{kind:?}");
        told.insert(kind.http().0.as_u16().to_string(), json!({ "$ref": place }));
    }
    if refusals::is_conditional(endpoints, version) {
        told.insert("412".to_owned(), json!({ "description": "the condition does not hold" }));
    }
    let answers = || endpoints.iter().filter_map(|endpoint| answers::of(endpoint.op));
    let mut statuses: Vec<u16> = answers().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    for status in statuses {
        let shapes = answers().filter(|answer| answer.status == status).map(|answer| &answer.shape);
        told.insert(status.to_string(), response(&shapes.collect::<Vec<_>>(), scribe));
    }
    Value::Object(told)
}

/// What comes when all is well. Where only some of the actions of a path answer a body, there is no standard word for
/// that, and the bodies stand under a key of ours.
fn response(shapes: &[&Shape], scribe: &mut Scribe) -> Value {
    let mut content: Map<String, Value> = Map::new();
    for shape in shapes {
        let (media, schema) = match shape {
            Shape::Empty => continue,
            Shape::Json(kind) => ("application/json", scribe.write(kind)),
            Shape::Text => ("text/plain", json!({ "type": "string" })),
        };
        let known = content.entry(media).or_insert_with(|| json!([]));
        if let Some(known) = known.as_array_mut().filter(|known| !known.contains(&schema)) {
            known.push(schema);
        }
    }
    let content: Map<String, Value> = content
        .into_iter()
        .map(|(media, schemas)| {
            let schema = match schemas.as_array().map(Vec::as_slice) {
                Some([one]) => one.clone(),
                _ => json!({ "anyOf": schemas }),
            };
            (media, json!({ "schema": schema }))
        })
        .collect();
    let empty = shapes.iter().any(|shape| matches!(shape, Shape::Empty));
    match (content.is_empty(), empty) {
        (true, _) => json!({ "description": "done, or accepted; without a body" }),
        (false, false) => json!({ "description": "done, or accepted", "content": content }),
        (false, true) => {
            json!({ "description": "done, or accepted; some without a body", "x-content": content })
        }
    }
}

#[cfg(test)]
mod tests;
