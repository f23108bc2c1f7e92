//! What a host says of itself, checked before anything is stored.

use ashlar_types::Connector;
use serde_json::Value;

use crate::Refusal;

/// Longest text that the columns for a host and a device take.
const LONGEST_TEXT: usize = 255;
/// Longest connector as JSON; the column takes 64 KiB on MariaDB.
const LONGEST: usize = 60_000;

/// Refuses a connector that the tables cannot keep, or that asks for a mode that there is not.
///
/// # Errors
/// 400.
pub(super) fn check(connector: &Connector) -> Result<(), Refusal> {
    for key in ["host", "mountpoint"] {
        if connector.text(key).is_some_and(|text| text.chars().count() > LONGEST_TEXT) {
            return Err(Refusal::invalid_input(format!(
                "the connector's {key} has more than {LONGEST_TEXT} characters"
            )));
        }
    }
    if let Some(mode) = connector.text("mode").filter(|mode| !matches!(*mode, "rw" | "ro" | "null"))
    {
        return Err(Refusal::invalid_input(format!(
            "the connector's mode must be 'rw' or 'ro', and not '{mode}'"
        )));
    }
    let mut texts = connector.0.iter();
    if texts.any(|(key, value)| has_control(key) || value_has_control(value)) {
        return Err(Refusal::invalid_input(
            "the connector's texts must have no control characters",
        ));
    }
    let length = serde_json::to_string(&connector.0).map_or(usize::MAX, |text| text.len());
    if length > LONGEST {
        return Err(Refusal::invalid_input(format!(
            "the connector is longer than {LONGEST} bytes"
        )));
    }
    Ok(())
}

/// No name has any, and not every database can keep them all.
fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

fn value_has_control(value: &Value) -> bool {
    match value {
        Value::String(text) => has_control(text),
        Value::Array(all) => all.iter().any(value_has_control),
        Value::Object(all) => {
            all.iter().any(|(key, value)| has_control(key) || value_has_control(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Both are the same host, as far as they say who they are. An initiator says more than a name, which two may share.
pub(super) fn same_host(one: &Connector, other: &Connector) -> bool {
    match (one.text("initiator"), other.text("initiator")) {
        (Some(one), Some(other)) => one == other,
        _ => one.host().is_some() && one.host() == other.host(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn connector(value: serde_json::Value) -> Connector {
        Connector(value.as_object().cloned().unwrap_or_else(Map::new))
    }

    #[test]
    fn what_the_tables_cannot_keep_is_refused() {
        assert!(check(&connector(json!({ "host": "h", "mode": "ro" }))).is_ok());
        assert!(check(&connector(json!({ "host": "h".repeat(256) }))).is_err());
        assert!(check(&connector(json!({ "mode": "wo" }))).is_err());
        assert!(check(&connector(json!({ "host": "a\0b" }))).is_err());
        assert!(check(&connector(json!({ "wwpns": ["a", { "b": "c\n" }] }))).is_err());
        assert!(check(&connector(json!({ "wwpns": [{ "b\u{1}": 1 }] }))).is_err());
        assert!(check(&connector(json!({ "wwpns": ["x".repeat(60_000)] }))).is_err());
    }

    #[test]
    fn hosts_are_told_apart_by_what_they_say() {
        let one = connector(json!({ "host": "a", "initiator": "iqn.a" }));
        assert!(same_host(&one, &connector(json!({ "initiator": "iqn.a" }))));
        assert!(same_host(&one, &connector(json!({ "host": "a" }))));
        assert!(!same_host(&one, &connector(json!({ "host": "b", "initiator": "iqn.b" }))));
        assert!(!same_host(&one, &connector(json!({ "host": "a", "initiator": "iqn.b" }))));
        assert!(!same_host(&connector(json!({})), &connector(json!({}))));
    }
}
