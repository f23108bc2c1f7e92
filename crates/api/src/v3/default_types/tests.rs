//! Default types of projects over a real database.

use serde_json::{Value, json};

use crate::testing::{Got, House};

const ADMIN: (&str, u16) = ("root:abc", 62);
const MEMBER: (&str, u16) = ("me:def:member", 62);

async fn set(house: &House, project: &str, named: &str) -> Got {
    let body = json!({ "default_type": { "volume_type": named } });
    house.ask(ADMIN, "PUT", &format!("/v3/default-types/{project}"), &body).await
}

async fn new_type(house: &House, name: &str) -> String {
    let body = json!({ "volume_type": { "name": name } });
    let made = house.ask(ADMIN, "POST", "/v3/types", &body).await;
    made.body["volume_type"]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_project_has_one_default_by_name_or_id_until_it_is_unset() {
    let house = House::furnished().await;
    let (gold, silver) = (new_type(&house, "gold").await, new_type(&house, "silver").await);
    let view = |id: &str| json!({ "project_id": "def", "volume_type_id": id });
    let got = set(&house, "def", "gold").await;
    assert_eq!((got.status, got.body), (200, json!({ "default_type": view(&gold) })));
    let got = set(&house, "def", &silver).await;
    assert_eq!(got.body, json!({ "default_type": view(&silver) }));
    let shown = house.get(ADMIN, "/v3/default-types/def").await;
    assert_eq!(shown.body, json!({ "default_type": view(&silver) }));
    let listed = house.get(ADMIN, "/v3/abc/default-types").await;
    assert_eq!(listed.body, json!({ "default_types": [view(&silver)] }));
    let effective = house.get(MEMBER, "/v3/types/default").await;
    assert_eq!(effective.body["volume_type"]["id"], silver.as_str());
    for _ in 0..2 {
        let got = house.ask(ADMIN, "DELETE", "/v3/default-types/def", &Value::Null).await;
        assert_eq!(got.status, 204);
    }
    let gone = house.get(ADMIN, "/v3/default-types/def").await;
    assert_eq!(gone.fault(), (404, "Default type for project def not found."));
    assert_eq!(set(&house, "def", "gold").await.status, 200);
}

#[tokio::test]
async fn a_type_that_is_some_projects_default_stays() {
    let house = House::furnished().await;
    let gold = new_type(&house, "gold").await;
    let _ = set(&house, "def", "gold").await;
    let url = format!("/v3/types/{gold}");
    let got = house.ask(ADMIN, "DELETE", &url, &Value::Null).await;
    let message = format!("The volume type {gold} is a default volume type and cannot be deleted.");
    assert_eq!(got.fault(), (400, message.as_str()));
    let _ = house.ask(ADMIN, "DELETE", "/v3/default-types/def", &Value::Null).await;
    assert_eq!(house.ask(ADMIN, "DELETE", &url, &Value::Null).await.status, 202);
}

#[tokio::test]
async fn a_type_that_is_not_there_is_400_and_a_name_that_no_project_can_have_404() {
    let house = House::furnished().await;
    let got = set(&house, "def", "none").await;
    assert_eq!(got.fault(), (400, "Volume type with name none could not be found."));
    let id = "00000000-0000-4000-8000-000000000001";
    let message = format!("Volume type {id} could not be found.");
    assert_eq!(set(&house, "def", id).await.fault(), (400, message.as_str()));
    assert_eq!(set(&house, &"p".repeat(256), "__DEFAULT__").await.status, 404);
    let got = house.ask(ADMIN, "PUT", "/v3/default-types/def", &json!({})).await;
    assert_eq!(got.status, 400);
}

#[tokio::test]
async fn defaults_are_for_administrators_from_3_62_on() {
    let house = House::furnished().await;
    let body = json!({ "default_type": { "volume_type": "__DEFAULT__" } });
    let words = "You are not authorized to perform this operation.";
    for got in [
        house.get(MEMBER, "/v3/default-types").await,
        house.get(MEMBER, "/v3/default-types/def").await,
        house.ask(MEMBER, "PUT", "/v3/default-types/def", &body).await,
        house.ask(MEMBER, "DELETE", "/v3/default-types/def", &Value::Null).await,
    ] {
        assert_eq!(got.fault(), (403, words));
    }
    assert_eq!(house.get((ADMIN.0, 61), "/v3/default-types").await.status, 404);
}
