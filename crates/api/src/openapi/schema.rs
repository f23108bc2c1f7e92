//! Our schemas of bodies, which know rules of our own, in the words that everybody's tools know.

use serde_json::{Value, json};

/// The same schema without what only this program understands. What a rule of ours forbids is forbidden as far as the
/// standard has words for it.
pub(super) fn portable(schema: Value) -> Value {
    match schema {
        Value::Object(mut map) => {
            let check = map.remove("check");
            if map.get("format").is_some_and(|format| OWN_FORMATS.iter().any(|own| format == own)) {
                map.remove("format");
            }
            // Classes of characters are not in the regular expressions that JSON Schema asks of everybody.
            if map.get("pattern").and_then(Value::as_str).is_some_and(|text| text.contains(r"\p{"))
            {
                map.remove("pattern");
            }
            let mut portable: Value =
                map.into_iter().map(|(key, value)| (key, self::portable(value))).collect();
            if let Some(check) = check.as_ref().and_then(Value::as_str) {
                for (key, value) in bounds(check) {
                    portable[key] = value;
                }
            }
            portable
        }
        Value::Array(items) => items.into_iter().map(portable).collect(),
        other => other,
    }
}

const OWN_FORMATS: &[&str] = &["mysql_text", "base64", "group_type"];

/// What a check of ours comes to in standard words.
fn bounds(check: &str) -> Vec<(&'static str, Value)> {
    match check {
        "name" | "name_trimmed" => vec![("maxLength", json!(255)), ("pattern", json!(r"\S"))],
        "trimmed_name" | "trimmed_description" => vec![("maxLength", json!(255))],
        "progress" => vec![("pattern", json!("^([0-9]{1,2}|100)%$"))],
        "disabled_reason" => vec![("pattern", json!(r"\S"))],
        _ => Vec::new(),
    }
}
