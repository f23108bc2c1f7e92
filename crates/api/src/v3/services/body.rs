//! Bodies of requests about services.

use serde_json::{Value, json};

use super::log::BINARIES;
use crate::body::{Body, pieces};

/// `enable` and `disable`. `service` is the old spelling of `binary`.
pub static SWITCH: Body = Body::new(&[(0, || switch(json!({})))]);

/// `disable-log-reason`.
pub static DISABLE_WITH_REASON: Body = Body::new(&[(0, || {
    switch(json!({
        "type": "string", "minLength": 1, "maxLength": 255, "check": "disabled_reason",
    }))
})]);

/// `freeze` and `thaw`.
pub static FREEZE: Body = Body::new(&[(0, || {
    pieces::object(json!({ "cluster": pieces::nullable_string(), "host": pieces::host() }), &[])
})]);

/// `failover_host` and `failover`.
pub static FAILOVER: Body = Body::new(&[(0, || {
    pieces::object(
        json!({
            "host": pieces::host(),
            "backend_id": pieces::nullable_string(),
            "cluster": pieces::nullable_string(),
        }),
        &[],
    )
})]);

/// `get-log`.
pub static GET_LOG: Body = Body::new(&[(32, || pieces::object(log(), &[]))]);

/// `set-log`.
pub static SET_LOG: Body = Body::new(&[(32, || {
    let mut properties = log();
    properties["level"] = json!({ "type": ["string", "null"], "check": "log_level" });
    pieces::object(properties, &[])
})]);

/// Whose log it is about, and which part of it.
fn log() -> Value {
    let binaries: Vec<&str> = BINARIES.into_iter().chain(["", "*"]).collect();
    json!({
        "binary": { "type": "string", "enum": binaries },
        "server": pieces::nullable_string(),
        "prefix": pieces::nullable_string(),
    })
}

/// With a schema for the reason, or none where it does not belong.
fn switch(reason: Value) -> Value {
    let mut properties = json!({
        "binary": pieces::short_string(),
        "service": pieces::short_string(),
        "host": pieces::host(),
        "cluster": pieces::nullable_string(),
    });
    if reason != json!({}) {
        properties["disabled_reason"] = reason;
    }
    let mut schema = pieces::object(properties, &[]);
    schema["anyOf"] = json!([{ "required": ["binary"] }, { "required": ["service"] }]);
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::v3;

    #[test]
    fn a_service_is_named_in_one_of_two_spellings() {
        let passes = |body: &Body, value: Value| body.check(v3(0), &value).is_ok();
        assert!(passes(&SWITCH, json!({ "binary": "cinder-volume", "host": "h@b" })));
        assert!(passes(&SWITCH, json!({ "service": "cinder-volume" })));
        assert!(!passes(&SWITCH, json!({ "host": "h@b" })));
        assert!(!passes(&SWITCH, json!({ "binary": "b", "disabled_reason": "x" })));
        assert!(passes(&DISABLE_WITH_REASON, json!({ "binary": "b", "disabled_reason": "x" })));
        assert!(!passes(&DISABLE_WITH_REASON, json!({ "binary": "b", "disabled_reason": " " })));
        assert!(!passes(&SWITCH, json!({ "binary": "b", "host": "h h" })));
    }
}
