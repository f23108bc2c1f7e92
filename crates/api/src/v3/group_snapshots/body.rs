//! Bodies of group snapshot requests. They are the same at every microversion.

use serde_json::{Value, json};

use crate::body::{Body, pieces};

/// `POST /group_snapshots`.
pub static CREATE: Body = Body::new(&[(0, create)]);
/// `reset_status`.
pub static RESET_STATUS: Body = Body::new(&[(0, reset_status)]);

fn create() -> Value {
    let properties = json!({
        "group_id": pieces::uuid(),
        "name": pieces::nullable_string(),
        "description": pieces::description(),
    });
    pieces::wrapped("group_snapshot", pieces::object(properties, &["group_id"]))
}

fn reset_status() -> Value {
    let status = json!({ "type": "string", "check": "group_snapshot_status" });
    let inner = pieces::object(json!({ "status": status }), &["status"]);
    pieces::wrapped("reset_status", inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::v3;

    fn refusal(body: &Body, value: Value) -> Option<String> {
        body.check(v3(71), &value).err().map(|fault| fault.message().to_owned())
    }

    #[test]
    fn a_group_snapshot_names_its_group() {
        let wish = |inner: Value| refusal(&CREATE, json!({ "group_snapshot": inner }));
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(wish(json!({ "group_id": id, "name": null, "description": "" })), None);
        assert!(wish(json!({ "name": "x" })).expect("refused").contains("'group_id'"));
        for wrong in [
            json!({ "group_id": null }),
            json!({ "group_id": "x" }),
            json!({ "group_id": id, "description": "two\nlines" }),
            json!({ "group_id": id, "status": "error" }),
        ] {
            assert!(wish(wrong.clone()).is_some(), "{wrong}");
        }
    }

    #[test]
    fn a_reset_knows_every_status_in_any_case() {
        let to =
            |status: &str| refusal(&RESET_STATUS, json!({ "reset_status": { "status": status } }));
        assert_eq!(to("Error_Deleting"), None);
        assert_eq!(
            to("in-use").expect("refused"),
            "Invalid GroupSnapshot Status: Group snapshot status: in-use is invalid, valid statuses \
             are: ('error', 'available', 'creating', 'deleting', 'deleted', 'updating', \
             'error_deleting')."
        );
        assert!(to(" ").expect("refused").contains("can not be empty"));
    }
}
