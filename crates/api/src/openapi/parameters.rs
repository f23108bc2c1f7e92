//! Parameters of an operation: what its path names, and what lists take.

use serde_json::{Value, json};

use crate::endpoint::Endpoint;
use crate::version::Version;

/// The parameters of `endpoint`.
pub(super) fn of(endpoint: &Endpoint, _version: Version) -> Vec<Value> {
    let mut all = vec![json!({ "$ref": "#/components/parameters/version" })];
    let names = endpoint.path.split('/').filter_map(|segment| {
        segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'))
    });
    for name in names {
        all.push(json!({
            "name": name, "in": "path", "required": true,
            "schema": { "type": "string", "minLength": 1 },
        }));
    }
    if is_list(endpoint) {
        all.extend(LIST.iter().map(|(name, schema)| {
            json!({ "name": name, "in": "query", "required": false, "schema": schema() })
        }));
    } else if endpoint.method == http::Method::POST || endpoint.method == http::Method::PUT {
        all.push(json!({ "$ref": "#/components/parameters/idempotency_key" }));
    }
    all
}

fn is_list(endpoint: &Endpoint) -> bool {
    endpoint.method == http::Method::GET
        && (endpoint.op.ends_with(".list") || endpoint.op.ends_with(".detail"))
}

/// What nearly every list takes; filters are by resource, and unknown ones are passed over or refused.
const LIST: &[(&str, fn() -> Value)] = &[
    ("limit", || json!({ "type": "integer", "minimum": 0, "maximum": 1000 })),
    ("marker", || json!({ "type": "string", "minLength": 1 })),
    ("offset", || json!({ "type": "integer", "minimum": 0, "maximum": 2_147_483_647 })),
    ("sort", || json!({ "type": "string", "minLength": 1 })),
    ("all_tenants", || json!({ "type": "boolean" })),
];
