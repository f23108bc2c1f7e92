//! The body of a snapshot to manage. It is the same at every microversion.

use serde_json::{Value, json};

use crate::body::{Body, pieces};

/// `POST /manageable_snapshots`.
pub static CREATE: Body = Body::new(&[(0, create)]);

fn create() -> Value {
    let properties = json!({
        "name": pieces::nullable_string(),
        "description": pieces::description(),
        "metadata": pieces::metadata_or_null(),
        "volume_id": pieces::uuid(),
        "ref": { "type": ["object", "null", "string"] },
    });
    pieces::wrapped("snapshot", pieces::object(properties, &["ref", "volume_id"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::v3;

    #[test]
    fn a_volume_and_a_reference_are_needed() {
        let refused =
            |snapshot: Value| CREATE.check(v3(71), &json!({ "snapshot": snapshot })).is_err();
        let id = "01234567-89ab-4def-8123-456789abcdef";
        assert!(!refused(json!({ "volume_id": id, "ref": { "source-name": "x" } })));
        assert!(!refused(json!({ "volume_id": id, "ref": null })));
        for wrong in [
            json!({ "volume_id": id }),
            json!({ "ref": "x" }),
            json!({ "volume_id": "x", "ref": "x" }),
            json!({ "volume_id": id, "ref": "x", "host": "h" }),
        ] {
            assert!(refused(wrong.clone()), "{wrong}");
        }
    }
}
