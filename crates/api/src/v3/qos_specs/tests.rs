//! QoS specs over a real database.

use serde_json::{Value, json};

use crate::testing::{Got, House};

const ADMIN: (&str, u16) = ("root:abc", 0);

async fn make(house: &House, name: &str, more: Value) -> Value {
    let mut wish = json!({ "name": name });
    for (key, value) in more.as_object().expect("keys") {
        wish[key] = value.clone();
    }
    let got = house.ask(ADMIN, "POST", "/v3/qos-specs", &json!({ "qos_specs": wish })).await;
    assert_eq!(got.status, 200, "{:?}", got.body);
    got.body
}

async fn id(house: &House, name: &str) -> String {
    let made = make(house, name, json!({})).await;
    made["qos_specs"]["id"].as_str().expect("an id").to_owned()
}

async fn put(house: &House, path: &str, body: Value) -> Got {
    house.ask(ADMIN, "PUT", &format!("/v3/qos-specs/{path}"), &body).await
}

#[tokio::test]
async fn specs_are_shown_with_their_consumer_and_links_beside_them() {
    let house = House::furnished().await;
    let made = make(&house, " gold ", json!({ "consumer": "both", "iops": "5", "x": null })).await;
    let id = made["qos_specs"]["id"].as_str().expect("an id");
    let expected = json!({
        "id": id, "name": "gold", "consumer": "both", "specs": { "iops": "5", "x": null },
    });
    assert_eq!(made["qos_specs"], expected);
    let shown = house.get(ADMIN, &format!("/v3/abc/qos-specs/{id}")).await;
    assert_eq!(shown.body["qos_specs"], expected);
    assert_eq!(shown.body["links"][0]["href"], format!("http://c:8776/v3/abc/qos-specs/{id}"));
    let plain = make(&house, "plain", json!({})).await;
    assert_eq!(plain["qos_specs"]["consumer"], "back-end");
    assert_eq!(plain["qos_specs"]["specs"], json!({}));
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let house = House::furnished().await;
    let first = id(&house, "gold").await;
    let again = json!({ "qos_specs": { "name": "gold " } });
    let got = house.ask(ADMIN, "POST", "/v3/qos-specs", &again).await;
    assert_eq!(got.fault(), (409, "QoS Specs gold already exists."));
    let path = format!("/v3/qos-specs/{first}");
    assert_eq!(house.ask(ADMIN, "DELETE", &path, &Value::Null).await.status, 202);
    let _ = id(&house, "gold").await;
}

#[tokio::test]
async fn an_update_merges_and_echoes_and_keys_are_removed_all_or_none() {
    let house = House::furnished().await;
    let id = id(&house, "gold").await;
    let wish = json!({ "qos_specs": { "consumer": "front-end", "a": "1", "b": "2" } });
    let got = put(&house, &id, wish.clone()).await;
    assert_eq!((got.status, got.body), (200, wish));
    let got = put(&house, &id, json!({ "qos_specs": { "a": "3" } })).await;
    assert_eq!(got.status, 200);
    let keys = format!("{id}/delete_keys");
    let got = put(&house, &keys, json!({ "keys": ["b", "none"] })).await;
    let message = format!("QoS spec {id} has no spec with key none.");
    assert_eq!(got.fault(), (404, message.as_str()));
    let got = put(&house, &keys, json!({ "keys": ["consumer"] })).await;
    assert_eq!(got.status, 404);
    assert_eq!(put(&house, &keys, json!({ "keys": ["b"] })).await.status, 202);
    let got = put(&house, &keys, json!({ "keys": ["a", "a"] })).await;
    assert_eq!(got.status, 400);
    let shown = house.get(ADMIN, &format!("/v3/qos-specs/{id}")).await.body;
    assert_eq!(shown["qos_specs"]["specs"], json!({ "a": "3" }));
    assert_eq!(shown["qos_specs"]["consumer"], "front-end");
}

#[tokio::test]
async fn specs_that_are_not_there_are_404_before_anything_else_is_looked_at() {
    let house = House::furnished().await;
    for none in ["00000000-0000-4000-8000-000000000001", "no-uuid"] {
        let message = format!("No such QoS spec {none}.");
        let wrong = json!({ "qos_specs": { "consumer": "nobody" } });
        for got in [
            house.get(ADMIN, &format!("/v3/qos-specs/{none}")).await,
            put(&house, none, wrong).await,
            put(&house, &format!("{none}/delete_keys"), json!({ "keys": ["a"] })).await,
            house.get(ADMIN, &format!("/v3/qos-specs/{none}/associations")).await,
            house.get(ADMIN, &format!("/v3/qos-specs/{none}/associate?vol_type_id=x")).await,
            house.get(ADMIN, &format!("/v3/qos-specs/{none}/disassociate?vol_type_id=x")).await,
            house.get(ADMIN, &format!("/v3/qos-specs/{none}/disassociate_all")).await,
            house.ask(ADMIN, "DELETE", &format!("/v3/qos-specs/{none}"), &Value::Null).await,
        ] {
            assert_eq!(got.fault(), (404, message.as_str()));
        }
    }
    let path = "/v3/qos-specs/no-uuid?force=maybe";
    let got = house.ask(ADMIN, "DELETE", path, &Value::Null).await;
    assert_eq!(got.fault(), (400, "Value 'maybe' for 'force' is not a boolean."));
    let got = house.get(ADMIN, "/v3/qos-specs/no-uuid/associate").await;
    assert_eq!(got.fault(), (400, "Volume Type id must not be None."));
}

async fn names(house: &House, query: &str) -> Vec<String> {
    let got = house.get(ADMIN, &format!("/v3/qos-specs{query}")).await;
    assert_eq!(got.status, 200, "{:?}", got.body);
    let all = got.body["qos_specs"].as_array().expect("a list");
    all.iter().map(|one| one["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn a_list_has_pages_an_order_and_filters() {
    let house = House::furnished().await;
    let c = id(&house, "c").await;
    let _ = make(&house, "a", json!({ "consumer": "front-end", "iops": "1" })).await;
    let _ = make(&house, "b", json!({})).await;
    assert_eq!(names(&house, "?sort=name:asc").await, ["a", "b", "c"]);
    assert_eq!(names(&house, "?sort=name:asc&limit=1&offset=1").await, ["b"]);
    assert_eq!(names(&house, &format!("?sort=name:desc&marker={c}")).await, ["b", "a"]);
    assert_eq!(names(&house, "?name=b").await, ["b"]);
    assert_eq!(names(&house, "?consumer=front-end").await, ["a"]);
    assert_eq!(names(&house, &format!("?id={c}")).await, ["c"]);
    assert!(names(&house, "?colour=red").await.is_empty());
    assert!(names(&house, "?limit=0").await.is_empty());
    let full = house.get(ADMIN, "/v3/qos-specs?limit=2&sort=name").await.body;
    let next = full["qos_specs_links"][0]["href"].as_str().expect("a link");
    let (_, query) = next.split_once('?').expect("a query");
    assert_eq!(names(&house, &format!("?{query}")).await, ["a"]);
    for (query, status) in [
        ("?sort=colour", 400),
        ("?limit=-1", 400),
        ("?marker=x", 404),
        ("?marker=00000000-0000-4000-8000-000000000001", 404),
    ] {
        let got = house.get(ADMIN, &format!("/v3/qos-specs{query}")).await;
        assert_eq!(got.status, status, "{query}");
    }
}

#[tokio::test]
async fn specs_are_for_administrators() {
    let house = House::furnished().await;
    let got = house.get(("me:abc:member", 0), "/v3/qos-specs").await;
    let message = "Policy doesn't allow volume_extension:qos_specs_manage:get_all to be performed.";
    assert_eq!(got.fault(), (403, message));
}
