//! The body of a request to clean up: which services, and which resource.

use serde_json::json;

use crate::body::{Body, pieces};

/// `cleanup`; every key may be missing.
pub static CLEANUP: Body = Body::new(&[(24, || {
    let host = json!({
        "type": ["string", "null"], "minLength": 1, "maxLength": 255,
        "pattern": "^[a-zA-Z0-9-._#@:/+]*$",
    });
    pieces::object(
        json!({
            "cluster_name": host,
            "disabled": pieces::boolean(),
            "host": host,
            "is_up": pieces::boolean(),
            "binary": { "enum": ["cinder-volume", "cinder-scheduler"] },
            "resource_id": pieces::optional_uuid(),
            "resource_type": { "type": ["string", "null"], "minLength": 0, "maxLength": 40 },
            "service_id": {
                "type": ["integer", "string", "null"], "pattern": "^[0-9]*$", "maxLength": 11,
            },
        }),
        &[],
    )
})]);
