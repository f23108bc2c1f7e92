//! Bodies of attachment requests.

use serde_json::{Value, json};

use crate::body::{Body, pieces};

/// `POST /attachments`: from 3.54 with the mode.
pub static CREATE: Body = Body::new(&[(27, || create(27)), (54, || create(54))]);
/// `PUT /attachments/{attachment_id}`: the connector, which says something.
pub static UPDATE: Body = Body::new(&[(27, update)]);
/// `os-complete`.
pub static COMPLETE: Body = Body::new(&[(44, || pieces::action_without_value("os-complete"))]);

fn create(minor: u16) -> Value {
    let mut properties = json!({
        "volume_uuid": pieces::uuid(),
        // Whoever attaches without a server, such as an image service, leaves it out.
        "instance_uuid": pieces::uuid(),
        "connector": { "type": ["object", "null"] },
    });
    if minor >= 54 {
        properties["mode"] = pieces::attach_mode();
    }
    pieces::wrapped("attachment", pieces::object(properties, &["volume_uuid"]))
}

fn update() -> Value {
    let properties = json!({ "connector": { "type": "object", "minProperties": 1 } });
    pieces::wrapped("attachment", pieces::object(properties, &["connector"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::v3;

    fn fits(body: &Body, minor: u16, attachment: &Value) -> bool {
        body.check(v3(minor), &json!({ "attachment": attachment })).is_ok()
    }

    #[test]
    fn a_new_attachment_names_its_volume_and_from_3_54_its_mode() {
        let id = "0123456789abcdef0123456789abcdef";
        for (minor, attachment, right) in [
            (27, json!({ "volume_uuid": id }), true),
            (27, json!({ "volume_uuid": id, "instance_uuid": id, "connector": {} }), true),
            (27, json!({ "volume_uuid": id, "connector": null }), true),
            (27, json!({ "instance_uuid": id }), false),
            (27, json!({ "volume_uuid": "x" }), false),
            (27, json!({ "volume_uuid": null }), false),
            (27, json!({ "volume_uuid": id, "instance_uuid": null }), false),
            (53, json!({ "volume_uuid": id, "mode": "ro" }), false),
            (54, json!({ "volume_uuid": id, "mode": "ro" }), true),
            (54, json!({ "volume_uuid": id, "mode": "null" }), false),
            (54, json!({ "volume_uuid": id, "mode": null }), false),
            (71, json!({ "volume_uuid": id, "more": 1 }), false),
        ] {
            assert_eq!(fits(&CREATE, minor, &attachment), right, "{minor} {attachment}");
        }
    }

    #[test]
    fn an_update_has_a_connector_that_says_something() {
        for (attachment, right) in [
            (json!({ "connector": { "host": "h" } }), true),
            (json!({ "connector": {} }), false),
            (json!({ "connector": null }), false),
            (json!({}), false),
            (json!({ "connector": { "host": "h" }, "mode": "ro" }), false),
        ] {
            assert_eq!(fits(&UPDATE, 71, &attachment), right, "{attachment}");
        }
    }
}
