//! Metadata over a real database.

use ashlar_db::{DbError, transact, volumes};
use ashlar_types::{VolumeId, VolumeStatus};
use serde_json::{Value, json};

use crate::testing::{Got, House};
use crate::v3::volumes::tests::put;

const MEMBER: (&str, u16) = ("me:abc:member", 71);
const READER: (&str, u16) = ("me:abc:reader", 71);

/// A volume whose metadata is `{"size": "1"}`.
async fn house() -> (House, String) {
    let house = House::furnished().await;
    let id = put(&house, "abc", "first", 1).await;
    (house, format!("/v3/volumes/{id}/metadata"))
}

async fn conditional(house: &House, minor: u16, path: &str, tag: &str, body: Value) -> Got {
    let version = format!("volume 3.{minor}");
    let headers = [
        ("x-auth-token", MEMBER.0),
        ("openstack-api-version", version.as_str()),
        ("content-type", "application/json"),
        ("if-match", tag),
    ];
    house.send("PUT", path, &headers, &body.to_string()).await
}

#[tokio::test]
async fn a_post_merges_and_a_put_replaces() {
    let (house, path) = house().await;
    let body = json!({ "metadata": { "a": "b" } });
    let merged = house.ask(MEMBER, "POST", &path, &body).await;
    assert_eq!((merged.status, &merged.body["metadata"]), (200, &json!({"a": "b", "size": "1"})));
    let replaced = house.ask(MEMBER, "PUT", &path, &body).await;
    assert_eq!((replaced.status, &replaced.body), (200, &body));
    assert_eq!(house.get(READER, &path).await.body, body);
}

#[tokio::test]
async fn one_pair_is_shown_set_and_removed() {
    let (house, path) = house().await;
    let one = format!("{path}/size");
    assert_eq!(house.get(READER, &one).await.body, json!({ "meta": { "size": "1" } }));
    let body = json!({ "meta": { "size": "2" } });
    let set = house.ask(MEMBER, "PUT", &one, &body).await;
    assert_eq!((set.status, &set.body), (200, &body));
    let other = house.ask(MEMBER, "PUT", &format!("{path}/other"), &body).await;
    assert_eq!(other.fault(), (400, "Request body and URI mismatch"));
    for meta in [json!({}), json!({ "size": "1", "b": "c" }), json!({ "size": 1 })] {
        let refused = house.ask(MEMBER, "PUT", &one, &json!({ "meta": meta })).await;
        assert_eq!(refused.status, 400);
    }
    let removed = house.ask(MEMBER, "DELETE", &one, &Value::Null).await;
    assert_eq!((removed.status, &removed.body), (200, &Value::Null));
    for method in ["GET", "DELETE"] {
        let gone = house.ask(MEMBER, method, &one, &Value::Null).await;
        let (status, message) = gone.fault();
        assert_eq!(status, 404);
        assert!(message.ends_with("has no metadata with key size."), "{message}");
    }
}

#[tokio::test]
async fn from_3_15_a_tag_guards_replacing_and_setting() {
    let (house, path) = house().await;
    assert!(house.get(("me:abc:reader", 14), &path).await.headers.get("etag").is_none());
    let got = house.get(("me:abc:reader", 15), &path).await;
    assert_eq!((got.status, &got.body), (200, &json!({ "metadata": { "size": "1" } })));
    assert_eq!(got.headers["content-type"], "application/json");
    let tag = got.headers["etag"].to_str().expect("digits").to_owned();
    let (all, pair) = (json!({"metadata": {"size": "2"}}), json!({"meta": {"size": "3"}}));
    let one = format!("{path}/size");
    for (path, body) in [(&path, &all), (&one, &pair)] {
        let stale = conditional(&house, 15, path, "\"other\"", body.clone()).await;
        assert_eq!((stale.status, &stale.body), (412, &Value::Null));
        assert_eq!(stale.headers["content-type"], "text/html; charset=UTF-8");
    }
    assert_eq!(conditional(&house, 15, &path, &tag, all.clone()).await.status, 200);
    assert_eq!(conditional(&house, 15, &path, &tag, all.clone()).await.status, 412, "it changed");
    assert_eq!(conditional(&house, 15, &path, "*", all.clone()).await.status, 200);
    assert_eq!(conditional(&house, 14, &path, "\"other\"", all).await.status, 200);
}

#[tokio::test]
async fn who_may_not_write_or_see_is_refused() {
    let (house, path) = house().await;
    let body = json!({ "metadata": {} });
    let reader = house.ask(READER, "POST", &path, &body).await;
    let message = "Policy doesn't allow volume:create_volume_metadata to be performed.";
    assert_eq!(reader.fault(), (403, message));
    assert_eq!(house.ask(("me:abc:", 71), "POST", &path, &body).await.status, 404);
    assert_eq!(house.ask(("me:def:member", 71), "POST", &path, &body).await.status, 404);
    assert_eq!(house.get(("me:def:member", 71), &path).await.status, 404);
}

#[tokio::test]
async fn a_volume_is_closed_to_writers_only_in_maintenance_and_while_uploading() {
    let house = House::furnished().await;
    let id = put(&house, "abc", "first", 1).await;
    let path = format!("/v3/volumes/{id}/metadata");
    for &status in VolumeStatus::ALL.iter().filter(|status| **status != VolumeStatus::Deleted) {
        set_status(&house, id, status).await;
        let closed = matches!(status, VolumeStatus::Maintenance | VolumeStatus::Uploading);
        let expected = if closed { 400 } else { 200 };
        let got = house.ask(MEMBER, "POST", &path, &json!({ "metadata": { "k": "v" } })).await;
        assert_eq!(got.status, expected, "{status}");
        if closed {
            let message = format!(
                "Invalid volume: Updating volume metadata is not allowed for volumes in {status} \
                 status."
            );
            assert_eq!(got.fault().1, message);
        }
        let got = house.ask(MEMBER, "DELETE", &format!("{path}/size"), &Value::Null).await;
        assert_eq!(got.status, expected, "{status}");
        house.ask(MEMBER, "POST", &path, &json!({ "metadata": { "size": "1" } })).await;
    }
}

pub(in crate::v3::volumes) async fn set_status(house: &House, id: VolumeId, status: VolumeStatus) {
    let (db, now) = (&house.app.db, house.app.clock.now());
    let set: Result<bool, DbError> =
        transact!(db, tx => volumes::set_status(tx, id, status, now).await);
    assert!(set.expect("set"));
}
