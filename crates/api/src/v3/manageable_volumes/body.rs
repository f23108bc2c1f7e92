//! The body of a volume to manage.

use serde_json::{Value, json};

use crate::body::{Body, pieces};

/// `POST /manageable_volumes`: `cluster` from 3.16.
pub static CREATE: Body = Body::new(&[(0, || create(0)), (16, || create(16))]);

fn create(minor: u16) -> Value {
    let mut properties = json!({
        "name": pieces::nullable_string(),
        "description": pieces::description(),
        "volume_type": pieces::nullable_string(),
        "availability_zone": pieces::nullable_string(),
        "host": pieces::host(),
        "ref": { "type": ["object", "string"] },
        "metadata": pieces::metadata_or_null(),
        "bootable": pieces::boolean(),
    });
    if minor >= 16 {
        properties["cluster"] = pieces::nullable_string();
    }
    pieces::wrapped("volume", pieces::object(properties, &["ref"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::v3;

    #[test]
    fn a_reference_is_needed_and_a_cluster_known_from_3_16_on() {
        let told = |minor, volume: Value| {
            let body = json!({ "volume": volume });
            CREATE.check(v3(minor), &body).err().map(|fault| fault.message().to_owned())
        };
        let reference = json!({ "source-name": "x" });
        assert_eq!(told(0, json!({ "ref": reference, "host": "h@b#p" })), None);
        assert_eq!(told(0, json!({ "ref": "x", "host": null, "bootable": "yes" })), None);
        assert_eq!(told(16, json!({ "ref": "x", "cluster": "c@b" })), None);
        assert!(told(15, json!({ "ref": "x", "cluster": "c@b" })).is_some());
        for wrong in [
            json!({ "host": "h@b" }),
            json!({ "ref": null }),
            json!({ "ref": 7 }),
            json!({ "ref": "x", "host": "two words" }),
            json!({ "ref": "x", "bootable": null }),
            json!({ "ref": "x", "size": 1 }),
        ] {
            assert!(told(71, wrong.clone()).is_some(), "{wrong}");
        }
    }
}
