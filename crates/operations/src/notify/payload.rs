//! Payloads under exactly Cinder's keys, from the rows that they tell of.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ashlar_db::notifications::Told;
use serde_json::{Map, Value, json};

/// Which moment of a thing's life is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is as its row says.
    There,
    /// Its row is about to go in this transaction; what is said of it is what Cinder says when it has gone.
    Gone,
}

/// A volume, as all its events tell of it. `now` stands for a moment that has not come.
pub(super) fn volume(told: &Told, stage: Stage, now: &str) -> Value {
    let of = |column: &str| told.row.get(column).cloned().unwrap_or_default();
    let moment = |column: &str| zoned(told.text(column).unwrap_or(now));
    let status = match told.text("status") {
        _ if stage == Stage::Gone => "deleted",
        Some("error_managing_deleting") => "deleting",
        status => status.unwrap_or_default(),
    };
    let metadata: Vec<Value> =
        told.metadata.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
    let mut payload = json!({
        "tenant_id": of("project_id"),
        "host": of("host"),
        "user_id": of("user_id"),
        "availability_zone": of("availability_zone"),
        "volume_id": of("id"),
        "volume_type": of("volume_type_id"),
        "display_name": of("display_name"),
        "launched_at": moment("launched_at"),
        "created_at": moment("created_at"),
        "status": status,
        "snapshot_id": of("snapshot_id"),
        "size": of("size"),
        "replication_status": of("replication_status"),
        "replication_extended_status": of("replication_extended_status"),
        "replication_driver_data": of("replication_driver_data"),
        "metadata": metadata,
        "volume_attachment": [],
    });
    if stage == Stage::There {
        payload["volume_attachment"] = attachments(told);
        if !told.image.is_empty() {
            payload["glance_metadata"] =
                told.image.iter().cloned().map(Value::Object).collect::<Vec<_>>().into();
        }
    }
    payload
}

/// Each with its volume, as Cinder's model has it.
fn attachments(told: &Told) -> Value {
    let each = |attachment: &Map<String, Value>| {
        let mut attachment = attachment.clone();
        attachment.insert("volume".to_owned(), Value::Object(told.row.clone()));
        Value::Object(attachment)
    };
    told.attachments.iter().map(each).collect::<Vec<_>>().into()
}

/// A snapshot.
pub(super) fn snapshot(told: &Told, stage: Stage) -> Value {
    let of = |column: &str| told.row.get(column).cloned().unwrap_or_default();
    let gone = stage == Stage::Gone || of("deleted") == true;
    json!({
        "tenant_id": of("project_id"),
        "user_id": of("user_id"),
        "availability_zone": of("availability_zone"),
        "volume_id": of("volume_id"),
        "volume_size": of("volume_size"),
        "snapshot_id": of("id"),
        "display_name": of("display_name"),
        "created_at": zoned(told.text("created_at").unwrap_or_default()),
        "status": if stage == Stage::Gone { "deleted".into() } else { of("status") },
        "deleted": if gone { "True" } else { "" },
        "metadata": printed(&told.metadata),
    })
}

/// A group.
pub(super) fn group(told: &Told, stage: Stage) -> Value {
    let of = |column: &str| told.row.get(column).cloned().unwrap_or_default();
    json!({
        "tenant_id": of("project_id"),
        "user_id": of("user_id"),
        "availability_zone": of("availability_zone"),
        "group_id": of("id"),
        "group_type": of("group_type_id"),
        "name": of("name"),
        "created_at": zoned(told.text("created_at").unwrap_or_default()),
        "status": if stage == Stage::Gone { "deleted".into() } else { of("status") },
    })
}

/// A snapshot of a group.
pub(super) fn group_snapshot(told: &Told, stage: Stage) -> Value {
    let of = |column: &str| told.row.get(column).cloned().unwrap_or_default();
    json!({
        "tenant_id": of("project_id"),
        "user_id": of("user_id"),
        "group_snapshot_id": of("id"),
        "name": of("name"),
        "group_id": of("group_id"),
        "group_type": of("group_type_id"),
        "created_at": zoned(told.text("created_at").unwrap_or_default()),
        "status": if stage == Stage::Gone { "deleted".into() } else { of("status") },
    })
}

/// Cinder's objects know their zone, and say so.
fn zoned(moment: &str) -> String {
    format!("{moment}+00:00")
}

/// A dictionary as Python prints it, and nothing for an empty one: so a snapshot's metadata come.
fn printed(pairs: &BTreeMap<String, String>) -> String {
    if pairs.is_empty() {
        return String::new();
    }
    let pairs: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{}: {}", quoted(key), quoted(value))).collect();
    format!("{{{}}}", pairs.join(", "))
}

/// A text as Python prints it.
pub(super) fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for sign in text.chars() {
        // A String takes whatever is written to it.
        let _ = match sign {
            '\\' => out.write_str("\\\\"),
            '\n' => out.write_str("\\n"),
            '\r' => out.write_str("\\r"),
            '\t' => out.write_str("\\t"),
            sign if sign == quote => write!(out, "\\{sign}"),
            sign if sign.is_ascii_control() => write!(out, "\\x{:02x}", u32::from(sign)),
            sign => out.write_char(sign),
        };
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn metadata_of_a_snapshot_are_printed_as_python_does() {
        let printed = |pairs: &[(&str, &str)]| {
            let owned = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            super::printed(&owned.collect())
        };
        assert_eq!(printed(&[]), "");
        assert_eq!(printed(&[("a", "b"), ("c", "ü\n")]), "{'a': 'b', 'c': 'ü\\n'}");
        assert_eq!(printed(&[("it's", "\\")]), r#"{"it's": '\\'}"#);
        assert_eq!(printed(&[("a", "'\"")]), r#"{'a': '\'"'}"#);
    }
}
