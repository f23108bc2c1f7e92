//! Replacing what no two runs have alike.

use serde_json::Value;

/// Identities that begin so were staged and are kept.
pub(super) const KEPT_IDS: &str = "00000000-0000-4000-8000-";
/// Times that begin so were staged and are kept.
pub(super) const KEPT_TIMES: &str = "2001-";

/// The same answer with words in place of chance: `<uuid>`, `<time>`, and `http://host` for `base`.
pub(super) fn normal(value: &Value, base: &str) -> Value {
    match value {
        Value::String(text) => Value::from(text_of(text, base)),
        Value::Array(items) => items.iter().map(|item| normal(item, base)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| match key.as_str() {
                // Ours goes up with every release.
                "driver_version" => (key.clone(), Value::from("<version>")),
                "auth_key" => (key.clone(), Value::from("<key>")),
                _ => (key.clone(), normal(value, base)),
            })
            .collect(),
        other => other.clone(),
    }
}

fn text_of(text: &str, base: &str) -> String {
    if is_time(text) && !text.starts_with(KEPT_TIMES) {
        let precise = if text.contains('.') { "<time.micros>" } else { "<time>" };
        return precise.to_owned();
    }
    without_ids(&text.replace(base, "http://host"))
}

/// `YYYY-MM-DDTHH:MM:SS`, with or without six more digits.
fn is_time(text: &str) -> bool {
    const SHAPE: &str = "0000-00-00T00:00:00.000000";
    (text.len() == 19 || text.len() == 26)
        && text.bytes().zip(SHAPE.bytes()).all(|(found, wanted)| match wanted {
            b'0' => found.is_ascii_digit(),
            other => found == other,
        })
}

fn without_ids(text: &str) -> String {
    let mut rest = text;
    let mut shown = String::new();
    while let Some(first) = rest.chars().next() {
        match rest.get(..36) {
            Some(id) if is_id(id) => {
                shown.push_str(if id.starts_with(KEPT_IDS) { id } else { "<uuid>" });
                rest = &rest[36..];
            }
            _ => {
                shown.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    shown
}

fn is_id(text: &str) -> bool {
    text.bytes().enumerate().all(|(place, found)| match place {
        8 | 13 | 18 | 23 => found == b'-',
        _ => found.is_ascii_hexdigit(),
    })
}

#[test]
fn chance_is_replaced_and_purpose_is_kept() {
    let id = "00000000-0000-4000-8000-000000000001";
    let shown = normal(
        &serde_json::json!({
            "self": format!("http://1.2.3.4:5/v3/volumes/{id}"),
            "request": "req-0f1e2d3c-0000-4000-8000-000000000001",
            "staged": "2001-02-03T04:05:06.000000",
            "now": "2026-02-03T04:05:06.123456",
            "beat": "2026-02-03T04:05:06",
            "word": "2026-02-03 or so",
        }),
        "http://1.2.3.4:5",
    );
    let wanted = serde_json::json!({
        "self": format!("http://host/v3/volumes/{id}"),
        "request": "req-<uuid>",
        "staged": "2001-02-03T04:05:06.000000",
        "now": "<time.micros>",
        "beat": "<time>",
        "word": "2026-02-03 or so",
    });
    assert_eq!(shown, wanted);
}
