//! Updates and removals.

use ashlar_types::{SnapshotId, SnapshotStatus};
use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn an_update_changes_texts_in_any_status() {
    let (house, [first, _, foreign]) = house_with_three().await;
    let put = async |who, id: SnapshotId, inner: Value| {
        house.ask(who, "PUT", &format!("/v3/snapshots/{id}"), &json!({"snapshot": inner})).await
    };
    for status in SnapshotStatus::ALL {
        set_status(&house, first, *status).await;
        let got = put(MEMBER, first, json!({ "display_name": " x ", "description": "d" })).await;
        assert_eq!((got.status, &got.body["snapshot"]["name"]), (200, &json!("x")), "{status}");
        assert_eq!(got.body["snapshot"]["status"], status.as_str());
    }
    assert_eq!(put(READER, first, json!({ "name": "y" })).await.status, 403);
    assert_eq!(put(MEMBER, foreign, json!({ "name": "y" })).await.status, 404);
    assert_eq!(put(MEMBER, first, json!({})).await.status, 400);
}

#[tokio::test]
async fn a_delete_starts_where_the_matrix_allows_it() {
    let (house, [first, ..]) = house_with_three().await;
    let path = format!("/v3/snapshots/{first}");
    assert_eq!(house.ask(READER, "DELETE", &path, &Value::Null).await.status, 403);
    for status in SnapshotStatus::ALL.iter().copied() {
        set_status(&house, first, status).await;
        let got = house.ask(MEMBER, "DELETE", &path, &Value::Null).await;
        if SnapshotStatus::DELETABLE.contains(&status) {
            assert_eq!(got.status, 202, "{status}");
            assert_eq!(status_of(&house, first).await, SnapshotStatus::Deleting);
        } else {
            assert_eq!(got.status, 400, "{status}");
            assert!(got.fault().1.starts_with("Invalid snapshot: "), "{}", got.body);
            assert_eq!(status_of(&house, first).await, status);
        }
    }
}
