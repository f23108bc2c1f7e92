//! Groups over a real database: fields by microversion, lists, rights, refusals.

use std::time::Duration;

use ashlar_db::volume_types::{self, Visibility};
use ashlar_db::{DbError, group_types, groups, transact};
use ashlar_types::{Group, GroupId, GroupStatus, GroupTypeId, PoolName};
use serde_json::{Value, json};

use crate::testing::{Got, House};

const ADMIN: (&str, u16) = ("root:abc", 71);
const MEMBER: (&str, u16) = ("me:abc:member", 71);
const READER: (&str, u16) = ("me:abc:reader", 71);
const NOBODY: (&str, u16) = ("me:abc:", 71);
const FOREIGNER: (&str, u16) = ("you:def:member", 71);

/// A group type by name, made by an administrator.
async fn new_type(house: &House, name: &str) {
    let body = json!({ "group_type": { "name": name } });
    assert_eq!(house.ask(ADMIN, "POST", "/v3/group_types", &body).await.status, 202);
}

/// Puts a group of the project into the database, as creating and placing one would.
async fn put(house: &House, project: &str, name: &str, group_type: &str) -> GroupId {
    let now = house.app.clock.now();
    let mut tx = house.app.db.read().await.expect("a database");
    let of = group_types::get_by_name(&mut tx, group_type, &Visibility::All).await;
    let default = volume_types::get_by_name(&mut tx, "__DEFAULT__", &Visibility::All).await;
    drop(tx);
    let group = Group {
        id: GroupId::random(),
        project_id: project.to_owned(),
        user_id: "me".to_owned(),
        cluster_name: None,
        host: Some(PoolName("h@b#p".to_owned())),
        availability_zone: Some("nova".to_owned()),
        name: Some(name.to_owned()),
        description: None,
        group_type_id: of.expect("read").map(|found| found.id),
        status: GroupStatus::Available,
        group_snapshot_id: None,
        source_group_id: None,
        replication_status: Some("disabled".to_owned()),
        volume_types: vec![default.expect("read").expect("every database has it").id],
        created_at: now,
        updated_at: None,
    };
    let db = &house.app.db;
    let put: Result<(), DbError> = transact!(db, tx => groups::insert(tx, &group).await);
    put.expect("inserted");
    house.app.clock.advance(Duration::from_secs(1));
    group.id
}

async fn act(house: &House, who: (&str, u16), id: GroupId, action: &str, value: Value) -> Got {
    let path = format!("/v3/groups/{id}/action");
    house.ask(who, "POST", &path, &json!({ action: value })).await
}

fn names(body: &Value) -> Vec<&str> {
    let list = body["groups"].as_array().expect("a list");
    list.iter().map(|group| group["name"].as_str().unwrap_or_default()).collect()
}

/// Two groups of the project, one of another, and a consistency group of old.
async fn house_with_four() -> (House, [GroupId; 4]) {
    let house = House::furnished().await;
    new_type(&house, "g").await;
    let first = put(&house, "abc", "first", "g").await;
    let second = put(&house, "abc", "second", "g").await;
    let foreign = put(&house, "def", "foreign", "g").await;
    let old = put(&house, "abc", "old", "default_cgsnapshot_type").await;
    (house, [first, second, foreign, old])
}

#[tokio::test]
async fn fields_come_with_their_microversions() {
    let (house, [first, ..]) = house_with_four().await;
    let path = format!("/v3/groups/{first}");
    let keys = async |minor: u16, who: &'static str, query: &str| {
        let got = house.get((who, minor), &format!("{path}{query}")).await;
        assert_eq!(got.status, 200, "{}", got.body);
        let group = got.body["group"].as_object().expect("an object").clone();
        group.keys().cloned().collect::<Vec<_>>()
    };
    let base = keys(13, "me:abc:member", "").await;
    assert_eq!(base.len(), 8, "{base:?}");
    let from_14 = keys(14, "me:abc:member", "?list_volume=true").await;
    assert_eq!(from_14.len(), 10, "{from_14:?}");
    assert!(keys(25, "me:abc:member", "?list_volume=true").await.contains(&"volumes".to_owned()));
    assert!(!keys(25, "me:abc:member", "").await.contains(&"volumes".to_owned()));
    assert!(keys(38, "me:abc:member", "").await.contains(&"replication_status".to_owned()));
    assert!(!keys(58, "me:abc:member", "").await.contains(&"project_id".to_owned()));
    assert!(keys(58, "root:abc", "").await.contains(&"project_id".to_owned()));
    assert_eq!(
        house.get(("me:abc:member", 12), &path).await.status,
        404,
        "there are no groups yet"
    );
    let wrong = house.get(MEMBER, &format!("{path}?list_volume=perhaps")).await;
    assert_eq!(wrong.fault(), (400, "Value 'perhaps' for 'list_volume' is not a boolean."));
}

#[tokio::test]
async fn a_list_is_the_projects_without_consistency_groups_newest_first() {
    let (house, [_, second, ..]) = house_with_four().await;
    assert_eq!(names(&house.get(MEMBER, "/v3/groups").await.body), ["second", "first"]);
    let all = house.get(ADMIN, "/v3/groups/detail?all_tenants=1").await;
    assert_eq!(names(&all.body), ["foreign", "second", "first"]);
    let sorted = house.get(MEMBER, "/v3/groups?sort=name:asc&limit=1").await;
    assert_eq!(names(&sorted.body), ["first"]);
    assert!(sorted.body["group_links"][0]["href"].as_str().expect("a link").contains("marker="));
    let behind = house.get(MEMBER, &format!("/v3/groups?marker={second}")).await;
    assert_eq!(names(&behind.body), ["first"]);
    assert_eq!(names(&house.get(MEMBER, "/v3/groups?name=first").await.body), ["first"]);
    assert_eq!(names(&house.get(ADMIN, "/v3/groups?name~=eco").await.body), ["second"]);
    let status = house.get(ADMIN, "/v3/groups?status=error").await;
    assert!(names(&status.body).is_empty());
    let refused = house.get(MEMBER, "/v3/groups?status=error").await;
    assert_eq!(refused.fault(), (400, "Invalid filters status are found in query options."));
    let unknown = house.get(ADMIN, "/v3/groups?colour=red").await;
    assert_eq!((unknown.status, names(&unknown.body).len()), (200, 0));
    let marker = house.get(MEMBER, &format!("/v3/groups?marker={}", GroupId::random())).await;
    assert_eq!(marker.status, 404);
    let detail = house.get(MEMBER, "/v3/groups/detail?list_volume=true").await;
    assert_eq!(detail.body["groups"][0]["volumes"], json!([]));
}

#[tokio::test]
async fn a_consistency_group_is_not_for_this_api() {
    let (house, [.., old]) = house_with_four().await;
    let path = format!("/v3/groups/{old}");
    let change = json!({ "group": { "name": "x" } });
    for got in [
        house.get(MEMBER, &path).await,
        house.ask(MEMBER, "PUT", &path, &change).await,
        act(&house, MEMBER, old, "delete", json!({})).await,
    ] {
        let (status, message) = got.fault();
        assert!(status == 400 && message.contains("can only be operated by CG APIs"), "{message}");
    }
}

#[tokio::test]
async fn who_lacks_a_right_or_the_project_is_turned_away() {
    let (house, [first, ..]) = house_with_four().await;
    let path = format!("/v3/groups/{first}");
    assert_eq!(house.get(READER, &path).await.status, 200);
    assert_eq!(house.get(NOBODY, &path).await.status, 403);
    assert_eq!(house.get(FOREIGNER, &path).await.status, 404);
    let change = json!({ "group": { "name": "x" } });
    assert_eq!(house.ask(READER, "PUT", &path, &change).await.status, 403);
    assert_eq!(house.ask(FOREIGNER, "PUT", &path, &change).await.status, 404);
    assert_eq!(act(&house, READER, first, "delete", json!({})).await.status, 403);
    let reset = json!({ "status": "error" });
    assert_eq!(act(&house, MEMBER, first, "reset_status", reset.clone()).await.status, 403);
    assert_eq!(act(&house, ADMIN, first, "reset_status", reset).await.status, 202);
    assert_eq!(house.get(MEMBER, &path).await.body["group"]["status"], "error");
    let wish = json!({ "group": { "group_type": "g", "volume_types": ["__DEFAULT__"] } });
    assert_eq!(house.ask(READER, "POST", "/v3/groups", &wish).await.status, 403);
    let nobody = GroupTypeId::random();
    let wish = json!({ "group": { "group_type": nobody, "volume_types": ["__DEFAULT__"] } });
    let missing = house.ask(READER, "POST", "/v3/groups", &wish).await;
    assert_eq!(missing.status, 404, "as in Cinder, the type is looked for first");
}

#[tokio::test]
async fn a_new_group_is_creating_and_a_change_of_texts_makes_any_group_available() {
    let (house, [first, ..]) = house_with_four().await;
    let wish = json!({ "group": {
        "group_type": "g", "volume_types": ["__DEFAULT__"], "name": "  new ",
    } });
    let got = house.ask(MEMBER, "POST", "/v3/groups", &wish).await;
    assert_eq!((got.status, &got.body["group"]["name"]), (202, &json!("new")));
    let id = got.body["group"]["id"].as_str().expect("an id").to_owned();
    let shown = house.get(MEMBER, &format!("/v3/groups/{id}")).await;
    assert_eq!(shown.body["group"]["status"], "creating");
    let reset = json!({ "status": "ERROR" });
    assert_eq!(act(&house, ADMIN, first, "reset_status", reset).await.status, 202);
    let path = format!("/v3/groups/{first}");
    let change = json!({ "group": { "description": " why " } });
    assert_eq!(house.ask(MEMBER, "PUT", &path, &change).await.status, 202);
    let shown = house.get(MEMBER, &path).await.body["group"].clone();
    assert_eq!(shown["status"], "available");
    assert_eq!((&shown["name"], &shown["description"]), (&json!("first"), &json!("why")));
    let same = house.ask(MEMBER, "PUT", &path, &change).await;
    let (status, message) = same.fault();
    assert!(
        status == 400 && message.starts_with("Invalid Group: Cannot update group"),
        "{message}"
    );
}

#[tokio::test]
async fn a_delete_says_what_is_in_the_way() {
    let (house, [first, ..]) = house_with_four().await;
    let reset = json!({ "status": "updating" });
    assert_eq!(act(&house, ADMIN, first, "reset_status", reset).await.status, 202);
    let plain = act(&house, MEMBER, first, "delete", json!({ "delete-volumes": "no" })).await;
    let message =
        "Invalid Group: Group status must be available or error, but current status is: updating";
    assert_eq!(plain.fault(), (400, message));
    let forced = act(&house, MEMBER, first, "delete", json!({ "delete-volumes": "yes" })).await;
    assert_eq!(forced.status, 202);
    let shown = house.get(MEMBER, &format!("/v3/groups/{first}")).await;
    assert_eq!(shown.body["group"]["status"], "deleting");
}

/// Cinder's schema bounds none of these lists but those of `PUT /groups`.
#[tokio::test]
async fn lists_of_names_are_bounded_before_anything_is_looked_up() {
    let (house, [.., old]) = house_with_four().await;
    let names = |count: usize| (0..count).map(|it| format!("n{it}")).collect::<Vec<_>>();
    let path = format!("/v3/consistencygroups/{old}/update");
    let told = async |method: &str, path: &str, body: Value| {
        let got = house.ask(MEMBER, method, path, &body).await;
        let (status, message) = got.fault();
        assert_eq!(status, 400, "{message}");
        message.to_owned()
    };
    for key in ["add_volumes", "remove_volumes"] {
        let change = json!({ "consistencygroup": { key: names(501).join(",") } });
        let message = told("PUT", &path, change).await;
        assert!(message.contains("at most 500 volumes"), "{message}");
    }
    let types = names(101).join(",");
    let wish = json!({ "consistencygroup": { "volume_types": types } });
    let message = told("POST", "/v3/consistencygroups", wish).await;
    assert!(message.contains("at most 100 volume types"), "{message}");
    let wish = json!({ "group": { "group_type": "g", "volume_types": names(101) } });
    let message = told("POST", "/v3/groups", wish).await;
    assert!(message.contains("at most 100 volume types"), "{message}");
    let often = "__DEFAULT__,".repeat(5000);
    let wish = json!({ "consistencygroup": { "volume_types": often } });
    let made = house.ask(MEMBER, "POST", "/v3/consistencygroups", &wish).await;
    assert_eq!(made.status, 202, "one type, however often it is named: {}", made.body);
}
