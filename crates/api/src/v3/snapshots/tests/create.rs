//! Taking snapshots.

use ashlar_types::VolumeStatus;
use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn a_new_snapshot_is_creating_and_has_the_volumes_size() {
    let house = House::furnished().await;
    let id = volume(&house, "abc", VolumeStatus::Available).await;
    let wish = json!({
        "volume_id": id.to_string(), "display_name": "old", "name": " new ",
        "description": "words", "metadata": { "k": "v" },
    });
    let got = post(&house, MEMBER, wish).await;
    assert_eq!(got.status, 202);
    let mut shown = got.body["snapshot"].clone();
    for key in ["id", "created_at"] {
        assert!(shown[key].take().is_string(), "{key}");
    }
    assert_eq!(
        shown,
        json!({
            "id": null, "created_at": null, "updated_at": null, "name": "new",
            "description": "words", "volume_id": id.to_string(), "status": "creating",
            "size": 2, "metadata": { "k": "v" }, "group_snapshot_id": null, "user_id": "me",
            "consumes_quota": true,
        })
    );
}

#[tokio::test]
async fn a_volume_in_use_needs_force_below_3_66() {
    let house = House::furnished().await;
    let id = volume(&house, "abc", VolumeStatus::InUse).await.to_string();
    let status = async |minor: u16, force: Value| {
        let mut wish = json!({ "volume_id": id });
        if !force.is_null() {
            wish["force"] = force;
        }
        post(&house, ("me:abc:member", minor), wish).await.status
    };
    assert_eq!(status(65, Value::Null).await, 400);
    assert_eq!(status(65, json!(false)).await, 400);
    assert_eq!(status(65, json!(true)).await, 202);
    assert_eq!(status(66, Value::Null).await, 202);
    assert_eq!(status(66, json!("true")).await, 202);
    assert_eq!(status(66, json!(false)).await, 400);
}

#[tokio::test]
async fn a_snapshot_needs_a_volume_that_the_caller_sees_and_may_snapshot() {
    let house = House::furnished().await;
    let id = volume(&house, "abc", VolumeStatus::Available).await.to_string();
    for (who, status) in [(READER, 403), (NOBODY, 404), (FOREIGNER, 404)] {
        assert_eq!(post(&house, who, json!({ "volume_id": id })).await.status, status, "{who:?}");
    }
    let got = post(&house, MEMBER, json!({ "volume_id": null })).await;
    assert_eq!(got.fault(), (404, "Volume None could not be found."));
    let broken = volume(&house, "abc", VolumeStatus::Error).await.to_string();
    assert_eq!(post(&house, MEMBER, json!({ "volume_id": broken })).await.status, 400);
}
