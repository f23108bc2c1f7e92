//! Group types and their specs over a real database.

use ashlar_db::{DbError, args, transact};
use serde_json::{Value, json};

use crate::testing::{Got, House};

const ADMIN: (&str, u16) = ("root:abc", 71);
const MEMBER: (&str, u16) = ("me:abc:member", 71);

async fn ask(house: &House, method: &str, path: &str, body: Value) -> Got {
    house.ask(ADMIN, method, &format!("/v3/group_types{path}"), &body).await
}

async fn make(house: &House, wish: Value) -> String {
    let made = ask(house, "POST", "", json!({ "group_type": wish })).await;
    assert_eq!(made.status, 202, "{}", made.body);
    house.app.clock.advance(std::time::Duration::from_secs(1));
    made.body["group_type"]["id"].as_str().expect("an id").to_owned()
}

async fn execute(house: &House, sql: &str, id: &str) {
    let db = &house.app.db;
    let done: Result<u64, DbError> = transact!(db, tx => tx.execute(sql, args![id]).await);
    assert_eq!(done.expect("written"), 1);
}

async fn names(house: &House, who: (&str, u16), query: &str) -> Vec<String> {
    let got = house.get(who, &format!("/v3/group_types{query}")).await;
    let list = got.body["group_types"].as_array().expect("a list");
    list.iter().map(|one| one["name"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_type_is_made_shown_changed_and_removed() {
    let house = House::furnished().await;
    let specs = json!({ "consistent_group_snapshot_enabled": "<is> True" });
    let id = make(&house, json!({ "name": "gold", "group_specs": specs })).await;
    let path = format!("/{id}");
    let mut wanted = json!({
        "id": id, "name": "gold", "description": null, "is_public": true, "group_specs": specs,
    });
    assert_eq!(ask(&house, "GET", &path, Value::Null).await.body, json!({ "group_type": wanted }));
    let change =
        json!({ "group_type": { "name": "silver", "description": "x", "is_public": "no" } });
    let changed = ask(&house, "PUT", &path, change).await;
    for (key, value) in
        [("name", json!("silver")), ("description", json!("x")), ("is_public", json!(false))]
    {
        wanted[key] = value;
    }
    assert_eq!((changed.status, changed.body), (200, json!({ "group_type": wanted })));
    assert_eq!(ask(&house, "DELETE", &path, Value::Null).await.status, 202);
    let gone = ask(&house, "GET", &path, Value::Null).await;
    let message = format!("Group type {id} could not be found.");
    assert_eq!(gone.fault(), (404, message.as_str()));
    assert_eq!(ask(&house, "DELETE", &path, Value::Null).await.status, 404);
    let change = json!({ "group_type": { "name": "x" } });
    assert_eq!(ask(&house, "PUT", &path, change).await.status, 404);
}

#[tokio::test]
async fn names_are_unique_and_not_blank_and_something_must_change() {
    let house = House::furnished().await;
    let id = make(&house, json!({ "name": "gold" })).await;
    make(&house, json!({ "name": "silver" })).await;
    let told = async |method: &str, path: &str, wish: Value| {
        let got = ask(&house, method, path, json!({ "group_type": wish })).await;
        (got.status, got.fault().1.to_owned())
    };
    let taken = |name: &str| (409, format!("Group Type {name} already exists."));
    assert_eq!(told("POST", "", json!({ "name": "gold" })).await, taken("gold"));
    let path = format!("/{id}");
    assert_eq!(told("PUT", &path, json!({ "name": "silver" })).await, taken("silver"));
    assert_eq!(told("PUT", &path, json!({ "name": "gold" })).await.0, 200);
    for name in ["", " "] {
        let refused = (400, "Group type name can not be empty.".to_owned());
        assert_eq!(told("PUT", &path, json!({ "name": name })).await, refused);
    }
    let nothing = "Specify group type name, description or a combination thereof.";
    assert_eq!(told("PUT", &path, json!({ "name": null })).await, (400, nothing.to_owned()));
    for wrong in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": "x", "is_public": "perhaps" }),
        json!({ "name": "x", "group_specs": { "a": 1 } }),
        json!({ "name": "x", "group_specs": { "a": null } }),
        json!({ "name": "x", "colour": "red" }),
    ] {
        assert_eq!(told("POST", "", wrong.clone()).await.0, 400, "{wrong}");
    }
    assert_eq!(told("POST", "", json!({ "name": "y", "group_specs": null })).await.0, 202);
}

#[tokio::test]
async fn a_private_type_is_seen_by_administrators_and_where_it_is_granted() {
    let house = House::furnished().await;
    let id = make(&house, json!({ "name": "secret", "is_public": false })).await;
    let path = format!("/v3/group_types/{id}");
    let all = ["secret", "default_cgsnapshot_type"];
    let seen =
        async |who, query: &str| names(&house, who, &format!("?sort=name:desc{query}")).await;
    assert_eq!(seen(MEMBER, "").await, all[1..]);
    assert_eq!(seen(MEMBER, "&is_public=None").await, all[1..]);
    assert_eq!(seen(ADMIN, "").await, all[1..]);
    assert_eq!(seen(ADMIN, "&is_public=None").await, all);
    assert_eq!(seen(ADMIN, "&is_public=false").await, all[..1]);
    let refused = house.get(ADMIN, "/v3/group_types?is_public=x").await;
    assert_eq!(refused.fault(), (400, "Invalid is_public filter [x]"));
    assert_eq!(house.get(MEMBER, &path).await.status, 404);
    let sql = "INSERT INTO group_type_projects (group_type_id, project_id, deleted) VALUES \
               (?, 'abc', FALSE)";
    execute(&house, sql, &id).await;
    assert_eq!(seen(MEMBER, "").await, all);
    let shown = house.get(MEMBER, &path).await.body;
    let fields: Vec<&String> = shown["group_type"].as_object().expect("an object").keys().collect();
    assert_eq!(fields, ["description", "id", "is_public", "name"]);
}

#[tokio::test]
async fn lists_have_pages_and_an_order() {
    let house = House::furnished().await;
    for name in ["b", "a"] {
        make(&house, json!({ "name": name })).await;
    }
    assert_eq!(names(&house, MEMBER, "?sort=name:asc&limit=2").await, ["a", "b"]);
    let page = house.get(MEMBER, "/v3/group_types?limit=1&sort=name:desc").await.body;
    let href = page["group_type_links"][0]["href"].as_str().expect("a link");
    let rest = href.strip_prefix("http://c:8776/v3/group_types").expect("a link to us");
    assert_eq!(names(&house, MEMBER, rest).await, ["b"]);
    assert_eq!(house.get(MEMBER, "/v3/group_types?sort=colour").await.status, 400);
    assert_eq!(house.get(MEMBER, "/v3/group_types?marker=x").await.status, 404);
    assert_eq!(house.get(("me:abc:member", 10), "/v3/group_types").await.status, 404);
}

#[tokio::test]
async fn no_type_is_the_default_unless_one_is_configured() {
    let house = House::furnished().await;
    let none = house.get(MEMBER, "/v3/group_types/default").await;
    assert_eq!(none.fault(), (404, "Default group type can not be found."));
}

#[tokio::test]
async fn a_type_of_groups_stays() {
    let house = House::furnished().await;
    let id = make(&house, json!({ "name": "gold" })).await;
    let sql = "INSERT INTO \"groups\" (id, group_type_id, project_id, deleted) VALUES \
               ('00000000-0000-4000-8000-000000000001', ?, 'abc', FALSE)";
    execute(&house, sql, &id).await;
    let refused = ask(&house, "DELETE", &format!("/{id}"), Value::Null).await;
    let message = refused.fault().1;
    assert!(message.starts_with("Target group type is still in use."), "{message}");
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn specs_are_set_read_and_removed_one_by_one() {
    let house = House::furnished().await;
    let id = make(&house, json!({ "name": "gold", "group_specs": { "a": "1" } })).await;
    let specs = format!("/{id}/group_specs");
    let more = json!({ "group_specs": { "b:c": null, "a": "2" } });
    let added = ask(&house, "POST", &specs, more.clone()).await;
    assert_eq!((added.status, added.body), (202, more.clone()));
    assert_eq!(ask(&house, "GET", &specs, Value::Null).await.body, more);
    let one = format!("{specs}/a");
    let set = ask(&house, "PUT", &one, json!({ "a": "3" })).await;
    assert_eq!((set.status, set.body), (200, json!({ "a": "3" })));
    assert_eq!(ask(&house, "GET", &one, Value::Null).await.body, json!({ "a": "3" }));
    let mismatch = ask(&house, "PUT", &one, json!({ "b": "3" })).await;
    assert_eq!(mismatch.fault(), (400, "Request body and URI mismatch"));
    assert_eq!(ask(&house, "PUT", &one, json!({})).await.status, 400);
    assert_eq!(
        ask(&house, "POST", &specs, json!({ "group_specs": { "a b": "" } })).await.status,
        400
    );
    assert_eq!(ask(&house, "DELETE", &one, Value::Null).await.status, 202);
    let message = format!("Group Type {id} has no specs with key a.");
    assert_eq!(ask(&house, "DELETE", &one, Value::Null).await.fault(), (404, message.as_str()));
    let message = format!("Group Type {id} has no extra spec with key a.");
    assert_eq!(ask(&house, "GET", &one, Value::Null).await.fault(), (404, message.as_str()));
    let nowhere = "/00000000-0000-4000-8000-000000000001/group_specs";
    assert_eq!(ask(&house, "GET", nowhere, Value::Null).await.status, 404);
    for path in [&specs, &one] {
        let path = format!("/v3/group_types{path}");
        assert_eq!(house.get(MEMBER, &path).await.status, 403);
    }
}
