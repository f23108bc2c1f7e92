//! What a host says of itself, checked before anything is stored.

use ashlar_types::Connector;

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
    let length = serde_json::to_string(&connector.0).map_or(usize::MAX, |text| text.len());
    if length > LONGEST {
        return Err(Refusal::invalid_input(format!(
            "the connector is longer than {LONGEST} bytes"
        )));
    }
    Ok(())
}

/// Both are the same host, as far as they say who they are.
pub(super) fn same_host(one: &Connector, other: &Connector) -> bool {
    let same = |key: &str| one.text(key).is_some() && one.text(key) == other.text(key);
    same("initiator") || same("host")
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
        assert!(check(&connector(json!({ "wwpns": ["x".repeat(60_000)] }))).is_err());
    }

    #[test]
    fn hosts_are_told_apart_by_what_they_say() {
        let one = connector(json!({ "host": "a", "initiator": "iqn.a" }));
        assert!(same_host(&one, &connector(json!({ "initiator": "iqn.a" }))));
        assert!(same_host(&one, &connector(json!({ "host": "a" }))));
        assert!(!same_host(&one, &connector(json!({ "host": "b", "initiator": "iqn.b" }))));
        assert!(!same_host(&connector(json!({})), &connector(json!({}))));
    }
}
