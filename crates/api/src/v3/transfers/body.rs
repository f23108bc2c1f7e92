//! Bodies of requests about transfers.

use serde_json::{Value, json};

use crate::body::{Body, pieces};

/// `POST /os-volume-transfer`, at every microversion.
pub static OLDER_CREATE: Body = Body::new(&[(0, || create(false))]);

/// `POST /volume-transfers`.
pub static CREATE: Body = Body::new(&[(0, || create(false)), (55, || create(true))]);

/// `POST …/{transfer_id}/accept`. A key of digits alone may be a number.
pub static ACCEPT: Body = Body::new(&[(0, || {
    let key = json!({ "auth_key": { "type": ["string", "integer"], "maxLength": 255 } });
    pieces::wrapped("accept", pieces::object(key, &["auth_key"]))
})]);

fn create(may_leave_snapshots: bool) -> Value {
    let mut properties = json!({
        "volume_id": pieces::uuid(),
        "name": { "type": ["string", "null"], "check": "name_trimmed" },
    });
    if may_leave_snapshots {
        properties["no_snapshots"] = pieces::boolean();
    }
    pieces::wrapped("transfer", pieces::object(properties, &["volume_id"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::v3;

    const ID: &str = "00000000-0000-4000-8000-000000000001";

    #[test]
    fn snapshots_may_be_left_behind_from_3_55_on_and_never_on_the_older_path() {
        let body = json!({ "transfer": { "volume_id": ID, "no_snapshots": "yes" } });
        assert!(CREATE.check(v3(54), &body).is_err());
        assert!(CREATE.check(v3(55), &body).is_ok());
        assert!(OLDER_CREATE.check(v3(71), &body).is_err());
    }

    #[test]
    fn an_offer_names_a_volume_and_its_own_name_is_not_blank() {
        for (wish, right) in [
            (json!({ "volume_id": ID }), true),
            (json!({ "volume_id": ID, "name": null }), true),
            (json!({ "volume_id": ID, "name": " x " }), true),
            (json!({ "volume_id": ID, "name": " " }), false),
            (json!({ "volume_id": ID, "name": "" }), false),
            (json!({ "volume_id": ID, "name": "x".repeat(256) }), false),
            (json!({ "volume_id": ID, "colour": "red" }), false),
            (json!({ "volume_id": "x" }), false),
            (json!({}), false),
        ] {
            assert_eq!(CREATE.check(v3(0), &json!({ "transfer": wish })).is_ok(), right, "{wish}");
        }
    }

    #[test]
    fn a_key_is_a_text_or_a_number() {
        for (key, right) in
            [(json!("0a"), true), (json!(12), true), (json!(null), false), (json!(1.5), false)]
        {
            let body = json!({ "accept": { "auth_key": key } });
            assert_eq!(ACCEPT.check(v3(0), &body).is_ok(), right, "{body}");
        }
    }
}
