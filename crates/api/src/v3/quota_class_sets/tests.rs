//! Quota class sets over a real database.

use serde_json::{Value, json};

use crate::testing::{Got, House};

const ADMIN: (&str, u16) = ("root:abc", 0);

async fn put(house: &House, class: &str, inner: Value) -> Got {
    let body = json!({ "quota_class_set": inner });
    house.ask(ADMIN, "PUT", &format!("/v3/os-quota-class-sets/{class}"), &body).await
}

async fn show(house: &House, class: &str) -> Value {
    let got = house.get(ADMIN, &format!("/v3/os-quota-class-sets/{class}")).await;
    assert_eq!(got.status, 200);
    got.body["quota_class_set"].clone()
}

#[tokio::test]
async fn a_class_has_the_default_limits_until_it_gets_its_own() {
    let house = House::furnished().await;
    assert_eq!(put(&house, "default", json!({ "volumes": 7, "backups": "3" })).await.status, 200);
    let got = put(&house, "gold", json!({ "volumes": 9, "volumes___DEFAULT__": 2 })).await;
    assert_eq!(got.status, 200);
    assert_eq!(got.body["quota_class_set"].get("id"), None);
    let gold = show(&house, "gold").await;
    assert_eq!(
        [&gold["volumes"], &gold["backups"], &gold["volumes___DEFAULT__"], &gold["groups"]],
        [&json!(9), &json!(3), &json!(2), &json!(-1)]
    );
    assert_eq!(gold["id"], "gold");
    assert_eq!(show(&house, "unknown").await["volumes"], 7);
}

#[tokio::test]
async fn bad_keys_and_values_are_refused_and_nothing_is_written() {
    let house = House::furnished().await;
    let got = put(&house, "default", json!({ "volumes": 7, "colour": 1 })).await;
    let message = "Invalid input received: Bad key(s) in quota class set: colour";
    assert_eq!(got.fault(), (400, message));
    for wrong in [json!(-2), json!("-1"), json!(""), json!(2_147_483_648_u64), json!(null)] {
        let got = put(&house, "default", json!({ "snapshots": 1, "volumes": wrong })).await;
        assert_eq!(got.status, 400, "{wrong}");
    }
    assert_eq!(show(&house, "default").await["snapshots"], -1);
    assert_eq!(put(&house, &"a".repeat(256), json!({ "volumes": 1 })).await.status, 400);
}

#[tokio::test]
async fn classes_are_for_administrators() {
    let house = House::furnished().await;
    let path = "/v3/os-quota-class-sets/default";
    let body = json!({ "quota_class_set": { "volumes": 1 } });
    for who in [("me:abc:member", 71), ("me:abc:", 71)] {
        assert_eq!(house.get(who, path).await.status, 403);
        assert_eq!(house.ask(who, "PUT", path, &body).await.status, 403);
    }
}
