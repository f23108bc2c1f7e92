//! Bodies of group requests. They are the same at every microversion.

use serde_json::{Value, json};

use crate::body::{Body, pieces};

/// `POST /groups`.
pub static CREATE: Body = Body::new(&[(0, create)]);
/// `PUT /groups/{group_id}`: at least one property.
pub static UPDATE: Body = Body::new(&[(0, update)]);
/// `create-from-src`: one of the two sources.
pub static CREATE_FROM_SRC: Body = Body::new(&[(0, create_from_src)]);
/// `delete`.
pub static DELETE: Body = Body::new(&[(0, delete)]);
/// `reset_status`.
pub static RESET_STATUS: Body = Body::new(&[(0, reset_status)]);
/// `enable_replication`.
pub static ENABLE_REPLICATION: Body = Body::new(&[(0, || any_object("enable_replication"))]);
/// `disable_replication`.
pub static DISABLE_REPLICATION: Body = Body::new(&[(0, || any_object("disable_replication"))]);
/// `failover_replication`.
pub static FAILOVER_REPLICATION: Body = Body::new(&[(0, failover)]);
/// `list_replication_targets`.
pub static LIST_REPLICATION_TARGETS: Body =
    Body::new(&[(0, || any_object("list_replication_targets"))]);

fn create() -> Value {
    let properties = json!({
        "name": pieces::nullable_string(),
        "description": pieces::description(),
        "group_type": { "type": "string", "format": "group_type" },
        "volume_types": {
            "type": "array", "minItems": 1, "uniqueItems": true,
            "items": { "type": "string", "maxLength": 255 },
        },
        "availability_zone": pieces::availability_zone(),
    });
    pieces::wrapped("group", pieces::object(properties, &["group_type", "volume_types"]))
}

fn update() -> Value {
    let properties = json!({
        "name": pieces::nullable_string(),
        "description": pieces::description(),
        "add_volumes": pieces::description(),
        "remove_volumes": pieces::description(),
    });
    let mut group = pieces::object(properties, &[]);
    let one_of_them = ["name", "description", "add_volumes", "remove_volumes"]
        .map(|name| json!({ "required": [name] }));
    group["anyOf"] = one_of_them.into_iter().collect();
    pieces::wrapped("group", group)
}

fn create_from_src() -> Value {
    let properties = json!({
        "name": pieces::nullable_string(),
        "description": pieces::description(),
        "source_group_id": pieces::uuid(),
        "group_snapshot_id": pieces::uuid(),
    });
    let mut inner = pieces::object(properties, &[]);
    inner["oneOf"] =
        json!([{ "required": ["group_snapshot_id"] }, { "required": ["source_group_id"] }]);
    pieces::wrapped("create-from-src", inner)
}

fn delete() -> Value {
    let properties = json!({ "delete-volumes": pieces::boolean() });
    pieces::wrapped("delete", pieces::object(properties, &[]))
}

fn reset_status() -> Value {
    let status = json!({ "type": "string", "check": "group_status" });
    let inner = pieces::object(json!({ "status": status }), &["status"]);
    pieces::wrapped("reset_status", inner)
}

fn failover() -> Value {
    let properties = json!({
        "allow_attached_volume": pieces::boolean(),
        "secondary_backend_id": pieces::nullable_string(),
    });
    pieces::wrapped("failover_replication", pieces::object(properties, &[]))
}

fn any_object(action: &str) -> Value {
    pieces::wrapped(action, json!({ "type": "object" }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::v3;

    fn refusal(body: &Body, value: Value) -> Option<String> {
        body.check(v3(71), &value).err().map(|fault| fault.message().to_owned())
    }

    #[test]
    fn a_new_group_names_its_types() {
        let group = |inner: Value| refusal(&CREATE, json!({ "group": inner }));
        let types = json!(["gold", "silver"]);
        let whole = json!({ "group_type": "g", "volume_types": types, "name": null,
                            "description": "", "availability_zone": null });
        assert_eq!(group(whole), None);
        assert!(group(json!({ "volume_types": types })).expect("refused").contains("'group_type'"));
        for wrong in [
            json!({ "group_type": " ", "volume_types": types }),
            json!({ "group_type": "g", "volume_types": [] }),
            json!({ "group_type": "g", "volume_types": ["gold", "gold"] }),
            json!({ "group_type": "g", "volume_types": "gold" }),
            json!({ "group_type": "g", "volume_types": types, "status": "error" }),
        ] {
            assert!(group(wrong.clone()).is_some(), "{wrong}");
        }
    }

    #[test]
    fn a_change_names_something() {
        let group = |inner: Value| refusal(&UPDATE, json!({ "group": inner }));
        assert_eq!(group(json!({ "add_volumes": "a,b" })), None);
        assert_eq!(group(json!({ "name": null })), None);
        assert!(group(json!({})).is_some());
        assert!(group(json!({ "add_volumes": ["a"] })).is_some());
    }

    #[test]
    fn a_reset_knows_every_status_of_group_snapshots_in_any_case() {
        let to =
            |status: &str| refusal(&RESET_STATUS, json!({ "reset_status": { "status": status } }));
        assert_eq!(to("Error_Deleting"), None);
        assert_eq!(
            to("in-use").expect("refused"),
            "Invalid Group Status: Group status: in-use is invalid, valid status are: ('error', \
             'available', 'creating', 'deleting', 'deleted', 'updating', 'in-use', \
             'error_deleting')."
        );
        assert!(to(" ").expect("refused").contains("can not be empty"));
    }

    #[test]
    fn actions_take_an_object() {
        assert_eq!(refusal(&DELETE, json!({ "delete": { "delete-volumes": "yes" } })), None);
        assert_eq!(refusal(&DELETE, json!({ "delete": {} })), None);
        assert!(refusal(&DELETE, json!({ "delete": null })).is_some());
        assert_eq!(refusal(&ENABLE_REPLICATION, json!({ "enable_replication": { "a": 1 } })), None);
        assert!(refusal(&ENABLE_REPLICATION, json!({ "enable_replication": null })).is_some());
    }
}
