//! Bodies of requests about clusters.

use serde_json::json;

use crate::body::{Body, pieces};

/// `enable`.
pub static ENABLE: Body = Body::new(&[(7, || {
    let properties = json!({ "name": pieces::name(), "binary": pieces::nullable_string() });
    pieces::object(properties, &["name"])
})]);

/// `disable`.
pub static DISABLE: Body = Body::new(&[(7, || {
    let reason = json!({ "type": ["string", "null"], "check": "disabled_reason" });
    let properties = json!({
        "name": pieces::name(), "binary": pieces::nullable_string(), "disabled_reason": reason,
    });
    pieces::object(properties, &["name"])
})]);
