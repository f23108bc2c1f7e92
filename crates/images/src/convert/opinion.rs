//! A second opinion: what `qemu-img info` takes an image for. Cinder asks it too, and a difference to what our own
//! inspection said is reason enough not to go on.

use serde_json::Value;

use super::error::{ConvertError, Kind};
use crate::Inspected;

/// Refuses an answer of `qemu-img info` that differs from `image`, or names another file.
pub(super) fn ensure_agrees(image: Inspected, answer: &[u8]) -> Result<(), ConvertError> {
    match difference(image, answer) {
        None => Ok(()),
        Some(what) => {
            tracing::warn!(format = %image.format, what, "qemu-img info disagrees with the inspection");
            Err(ConvertError::new(Kind::Malformed))
        }
    }
}

fn difference(image: Inspected, answer: &[u8]) -> Option<&'static str> {
    let Ok(info) = serde_json::from_slice::<Value>(answer) else {
        return Some("no answer");
    };
    let details = &info["format-specific"]["data"];
    let given = |value: &Value| !value.is_null() && *value != Value::Bool(false);
    if info["format"] != image.format.driver() {
        Some("format")
    } else if info["virtual-size"] != image.virtual_size {
        Some("size")
    } else if given(&info["backing-filename"]) || given(&info["full-backing-filename"]) {
        Some("backing file")
    } else if given(&details["data-file"]) {
        Some("data file")
    } else if given(&info["encrypted"]) || given(&details["encrypt"]) {
        Some("encryption")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    #[test]
    fn whatever_is_not_what_was_inspected_is_a_difference() {
        let image = Inspected { format: Format::Vhd, virtual_size: 512 };
        let seen = |text: &str| difference(image, text.as_bytes());
        assert_eq!(seen(r#"{"format": "vpc", "virtual-size": 512}"#), None);
        assert_eq!(seen(r#"{"format": "raw", "virtual-size": 512}"#), Some("format"));
        assert_eq!(seen(r#"{"format": "vpc", "virtual-size": 513}"#), Some("size"));
        let more =
            |more: &str| seen(&format!(r#"{{"format": "vpc", "virtual-size": 512, {more}}}"#));
        assert_eq!(more(r#""backing-filename": "/etc/passwd""#), Some("backing file"));
        assert_eq!(more(r#""encrypted": true"#), Some("encryption"));
        assert_eq!(more(r#""encrypted": false"#), None);
        let data = r#""format-specific": {"data": {"data-file": "/etc/passwd"}}"#;
        assert_eq!(more(data), Some("data file"));
        assert_eq!(seen("qemu-img: whatever"), Some("no answer"));
    }
}
