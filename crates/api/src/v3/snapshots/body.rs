//! Bodies of snapshot requests. They are the same at every microversion.

use serde_json::{Value, json};

use crate::body::{Body, pieces};

/// `POST /snapshots`.
pub static CREATE: Body = Body::new(&[(0, create)]);
/// `PUT /snapshots/{snapshot_id}`: at least one property.
pub static UPDATE: Body = Body::new(&[(0, update)]);
/// `POST` and `PUT /snapshots/{snapshot_id}/metadata`: what stands beside `metadata` is tolerated.
pub static METADATA: Body = Body::new(&[(0, || beside("metadata", pieces::snapshot_metadata()))]);
/// `PUT /snapshots/{snapshot_id}/metadata/{key}`: one pair.
pub static METADATA_ITEM: Body = Body::new(&[(0, metadata_item)]);
/// `os-reset_status`.
pub static RESET_STATUS: Body = Body::new(&[(0, reset_status)]);
/// `os-force_delete`.
pub static FORCE_DELETE: Body =
    Body::new(&[(0, || pieces::action_without_value("os-force_delete"))]);
/// `os-unmanage`.
pub static UNMANAGE: Body = Body::new(&[(0, || pieces::action_without_value("os-unmanage"))]);
/// `os-update_snapshot_status`.
pub static UPDATE_STATUS: Body = Body::new(&[(0, update_status)]);

fn create() -> Value {
    let properties = json!({
        "name": pieces::nullable_string(),
        "display_name": pieces::nullable_string(),
        "description": pieces::description(),
        "volume_id": pieces::optional_uuid(),
        "force": pieces::boolean(),
        "metadata": pieces::metadata_or_null(),
    });
    pieces::wrapped("snapshot", pieces::object(properties, &["volume_id"]))
}

fn update() -> Value {
    let properties = json!({
        "name": pieces::nullable_string(),
        "description": pieces::description(),
        "display_name": pieces::nullable_string(),
        "display_description": pieces::description(),
    });
    let mut snapshot = pieces::object(properties, &[]);
    let one_of_them = ["name", "description", "display_name", "display_description"]
        .map(|name| json!({ "required": [name] }));
    snapshot["anyOf"] = one_of_them.into_iter().collect();
    pieces::wrapped("snapshot", snapshot)
}

fn metadata_item() -> Value {
    let mut pair = pieces::snapshot_metadata();
    pair["minProperties"] = 1.into();
    pair["maxProperties"] = 1.into();
    beside("meta", pair)
}

/// A required key; what else the body has does not matter.
fn beside(key: &str, inner: Value) -> Value {
    let mut schema = pieces::wrapped(key, inner);
    schema["additionalProperties"] = true.into();
    schema
}

/// Which statuses there are is checked by the handler, whose refusal lists them.
fn reset_status() -> Value {
    let inner = pieces::object(json!({ "status": { "type": "string" } }), &["status"]);
    pieces::wrapped("os-reset_status", inner)
}

fn update_status() -> Value {
    let properties = json!({ "status": { "type": "string" }, "progress": pieces::progress() });
    let inner = pieces::object(properties, &["status"]);
    pieces::wrapped("os-update_snapshot_status", inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::v3;

    fn refusal(body: &Body, value: Value) -> Option<String> {
        body.check(v3(71), &value).err().map(|fault| fault.message().to_owned())
    }

    #[test]
    fn a_new_snapshot_names_its_volume_and_nothing_unknown() {
        let id = "0123456789abcdef0123456789abcdef";
        let snapshot = |inner: Value| refusal(&CREATE, json!({ "snapshot": inner }));
        assert_eq!(snapshot(json!({ "volume_id": id, "force": "yes", "metadata": null })), None);
        assert_eq!(snapshot(json!({ "volume_id": null })), None);
        assert!(snapshot(json!({})).expect("refused").contains("'volume_id' is a required"));
        for wrong in [
            json!({ "volume_id": "x" }),
            json!({ "volume_id": id, "force": null }),
            json!({ "volume_id": id, "display_description": "x" }),
            json!({ "volume_id": id, "description": "two\nlines" }),
        ] {
            assert!(snapshot(wrong.clone()).is_some(), "{wrong}");
        }
    }

    #[test]
    fn an_update_names_something() {
        let snapshot = |inner: Value| refusal(&UPDATE, json!({ "snapshot": inner }));
        assert_eq!(snapshot(json!({ "display_description": null })), None);
        assert!(snapshot(json!({})).is_some());
        assert!(snapshot(json!({ "name": "x", "status": "error" })).is_some());
    }

    #[test]
    fn metadata_bodies_tolerate_neighbours_but_no_slash() {
        assert_eq!(refusal(&METADATA, json!({ "metadata": { "a b": "c" }, "more": 1 })), None);
        assert!(refusal(&METADATA, json!({ "metadata": { "a/b": "c" } })).is_some());
        assert!(refusal(&METADATA, json!({ "metadata": null })).is_some());
        assert_eq!(refusal(&METADATA_ITEM, json!({ "meta": { "a": "c" } })), None);
        assert!(refusal(&METADATA_ITEM, json!({ "meta": {} })).is_some());
        assert!(refusal(&METADATA_ITEM, json!({ "meta": { "a": "b", "c": "d" } })).is_some());
    }

    #[test]
    fn progress_is_a_percentage() {
        let with = |progress: &str| {
            let inner = json!({ "status": "error", "progress": progress });
            refusal(&UPDATE_STATUS, json!({ "os-update_snapshot_status": inner }))
        };
        assert_eq!(with("50%"), None);
        assert_eq!(with(""), None);
        assert!(with("150%").expect("refused").contains("between 0 and 100"));
    }
}
