//! Transfers over a real database: who sees what, at which microversion, and what refuses.

use ashlar_db::{DbError, args, transact, volumes};
use ashlar_types::{VolumeId, VolumeStatus};
use serde_json::{Value, json};

use crate::testing::{Got, House};
use crate::v3::volumes::tests::{limit, put};

const ADMIN: (&str, u16) = ("root:abc", 71);
const MEMBER: (&str, u16) = ("me:abc:member", 71);
const RECEIVER: (&str, u16) = ("you:def:member", 71);
const READER: (&str, u16) = ("me:abc:reader", 71);

async fn offer_at(house: &House, who: (&str, u16), path: &str, wish: Value) -> Got {
    house.ask(who, "POST", &format!("/v3/{path}"), &json!({ "transfer": wish })).await
}

/// Offers the volume; the offer's id and key.
async fn offer(house: &House, id: VolumeId, name: &str) -> (String, String) {
    let wish = json!({ "volume_id": id, "name": name });
    let got = offer_at(house, MEMBER, "volume-transfers", wish).await;
    assert_eq!(got.status, 202, "{}", got.body);
    house.app.clock.advance(std::time::Duration::from_secs(1));
    let text = |key: &str| got.body["transfer"][key].as_str().expect("a text").to_owned();
    (text("id"), text("auth_key"))
}

async fn accept(house: &House, who: (&str, u16), id: &str, key: Value) -> Got {
    let body = json!({ "accept": { "auth_key": key } });
    house.ask(who, "POST", &format!("/v3/volume-transfers/{id}/accept"), &body).await
}

async fn delete(house: &House, who: (&str, u16), id: &str) -> Got {
    house.ask(who, "DELETE", &format!("/v3/volume-transfers/{id}"), &Value::Null).await
}

async fn owner(house: &House, id: VolumeId) -> (String, String, VolumeStatus) {
    let mut tx = house.app.db.read().await.expect("a database");
    let volume = volumes::get(&mut tx, id).await.expect("read").expect("there");
    (volume.project_id, volume.user_id, volume.status)
}

async fn change(house: &House, id: VolumeId, sql: &str) {
    let db = &house.app.db;
    let changed: Result<u64, DbError> = transact!(db, tx => tx.execute(sql, args![id]).await);
    assert_eq!(changed.expect("changed"), 1);
}

async fn names(house: &House, who: (&str, u16), path: &str) -> Vec<String> {
    let got = house.get(who, &format!("/v3/{path}")).await;
    assert_eq!(got.status, 200, "{}", got.body);
    let list = got.body["transfers"].as_array().expect("a list");
    list.iter().map(|one| one["name"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn the_key_is_in_the_answer_to_the_create_and_nowhere_else() {
    let house = House::furnished().await;
    let volume = put(&house, "abc", "first", 1).await;
    let wish = json!({ "volume_id": volume, "name": " offer " });
    let made = offer_at(&house, ("me:abc:member", 57), "abc/volume-transfers", wish).await;
    assert_eq!(made.status, 202);
    let mut shown = made.body["transfer"].clone();
    let id = shown["id"].as_str().expect("an id").to_owned();
    let key = shown["auth_key"].as_str().expect("a key").to_owned();
    assert_eq!(key.len(), 16);
    let link = |rel: &str, below: &str| json!({ "rel": rel, "href": format!("http://c:8776{below}/abc/os-volume-transfer/{id}") });
    let mut wanted = json!({
        "id": id, "volume_id": volume, "name": "offer", "auth_key": key,
        "created_at": "2026-11-22T10:11:13.000345", "no_snapshots": false,
        "source_project_id": "abc", "destination_project_id": null, "accepted": false,
        "links": [link("self", "/v3"), link("bookmark", "")],
    });
    assert_eq!(shown, wanted);
    for object in [&mut shown, &mut wanted] {
        object.as_object_mut().expect("an object").remove("auth_key");
    }
    for path in ["volume-transfers", "os-volume-transfer"] {
        let got = house.get(READER, &format!("/v3/abc/{path}/{id}")).await;
        assert_eq!(got.body["transfer"], wanted, "{path}");
        let listed = house.get(READER, &format!("/v3/abc/{path}/detail")).await;
        assert_eq!(listed.body["transfers"], json!([wanted]), "{path}");
        assert!(!listed.body.to_string().contains(&key), "{path}");
    }
    let mut tx = house.app.db.read().await.expect("a database");
    let sql = "SELECT salt, crypt_hash FROM transfers WHERE id = ?";
    let row = tx.row(sql, args![id.as_str()]).await.expect("read").expect("there");
    let (salt, hash): (String, String) = (row.get(0).expect("a salt"), row.get(1).expect("a hash"));
    assert_eq!((salt.len(), hash.len()), (8, 40));
    assert!(!hash.contains(&key));
}

#[tokio::test]
async fn fields_come_with_their_microversions() {
    let house = House::furnished().await;
    let volume = put(&house, "abc", "first", 1).await;
    let (id, _) = offer(&house, volume, "offer").await;
    let keys = async |minor: u16, path: &str| {
        let got = house.get(("me:abc:member", minor), &format!("/v3/{path}")).await;
        let object = got.body["transfer"].as_object().expect("an object").clone();
        let mut keys: Vec<String> = object.keys().cloned().collect();
        keys.sort_unstable();
        keys
    };
    let path = format!("os-volume-transfer/{id}");
    let old = ["created_at", "id", "links", "name", "volume_id"];
    assert_eq!(keys(54, &path).await, old);
    assert!(keys(55, &path).await.contains(&"no_snapshots".to_owned()));
    assert!(!keys(56, &path).await.contains(&"accepted".to_owned()));
    assert_eq!(keys(57, &path).await.len(), 9);
    let wish = json!({ "volume_id": volume, "no_snapshots": true });
    let early = offer_at(&house, ("me:abc:member", 54), "volume-transfers", wish).await;
    assert_eq!(early.status, 400);
}

#[tokio::test]
async fn who_has_the_key_gets_the_volume() {
    let house = House::furnished().await;
    let volume = put(&house, "abc", "first", 1).await;
    let (id, key) = offer(&house, volume, "offer").await;
    let wrong = accept(&house, RECEIVER, &id, json!("0123456789abcdef")).await;
    let message = format!("Invalid auth key: Attempt to transfer {id} with invalid auth key.");
    assert_eq!(wrong.fault(), (400, message.as_str()));
    assert_eq!(accept(&house, RECEIVER, &id, json!(12)).await.status, 400);
    assert_eq!(accept(&house, ("you:def:reader", 71), &id, json!(key)).await.status, 403);
    let nobody = "00000000-0000-4000-8000-000000000001";
    assert_eq!(accept(&house, RECEIVER, nobody, json!(key)).await.status, 404);
    assert_eq!(owner(&house, volume).await.2, VolumeStatus::AwaitingTransfer);

    let taken = accept(&house, RECEIVER, &id, json!(key)).await;
    assert_eq!(taken.status, 202, "{}", taken.body);
    assert_eq!(taken.body["transfer"]["name"], "offer");
    assert_eq!(taken.body["transfer"]["volume_id"], json!(volume));
    assert!(taken.body["transfer"]["created_at"].is_null());
    let now = ("def".to_owned(), "you".to_owned(), VolumeStatus::Available);
    assert_eq!(owner(&house, volume).await, now);
    let again = accept(&house, RECEIVER, &id, json!(key)).await;
    let message = format!("Transfer {id} could not be found.");
    assert_eq!(again.fault(), (404, message.as_str()));
    let sql = "SELECT destination_project_id, accepted, deleted FROM transfers WHERE id = ?";
    let mut tx = house.app.db.read().await.expect("a database");
    let row = tx.row(sql, args![id.as_str()]).await.expect("read").expect("there");
    assert_eq!(row.get::<String>(0).expect("a project"), "def");
    assert!(row.get::<bool>(1).expect("a truth") && row.get::<bool>(2).expect("a truth"));
}

#[tokio::test]
async fn an_offer_is_its_projects_to_see_and_to_take_back() {
    let house = House::furnished().await;
    let volume = put(&house, "abc", "first", 1).await;
    let (id, key) = offer(&house, volume, "offer").await;
    let path = format!("/v3/volume-transfers/{id}");
    assert_eq!(house.get(RECEIVER, &path).await.status, 404);
    assert_eq!(house.get(("me:abc:", 71), &path).await.status, 403);
    assert_eq!(house.get(("root:def", 71), &path).await.status, 200);
    assert_eq!(delete(&house, RECEIVER, &id).await.status, 404);
    assert_eq!(delete(&house, READER, &id).await.status, 403);
    assert_eq!(delete(&house, MEMBER, &id).await.status, 202);
    assert_eq!(owner(&house, volume).await.2, VolumeStatus::Available);
    assert_eq!(delete(&house, MEMBER, &id).await.status, 404);
    assert_eq!(accept(&house, RECEIVER, &id, json!(key)).await.status, 404);
    assert_eq!(house.get(MEMBER, "/v3/volume-transfers/x").await.status, 404);
}

#[tokio::test]
async fn only_an_available_volume_of_ones_own_can_be_offered() {
    let house = House::furnished().await;
    let volume = put(&house, "abc", "first", 1).await;
    let foreign = put(&house, "def", "foreign", 1).await;
    let ask = async |who, path: &str, id| {
        offer_at(&house, who, path, json!({ "volume_id": id })).await.status
    };
    for path in ["volume-transfers", "os-volume-transfer"] {
        assert_eq!(ask(MEMBER, path, foreign).await, 404);
        assert_eq!(ask(READER, path, volume).await, 403);
        change(&house, volume, "UPDATE volumes SET status = 'error' WHERE id = ?").await;
        let got = offer_at(&house, MEMBER, path, json!({ "volume_id": volume })).await;
        assert_eq!(got.fault(), (400, "Invalid volume: status must be available"));
        change(&house, volume, "UPDATE volumes SET status = 'available' WHERE id = ?").await;
    }
}

#[tokio::test]
async fn a_volume_whose_key_is_its_projects_stays_there() {
    let house = House::furnished().await;
    let volume = put(&house, "abc", "first", 1).await;
    let set = |key: &str| format!("UPDATE volumes SET encryption_key_id = '{key}' WHERE id = ?");
    change(&house, volume, &set("11111111-2222-4333-8444-555555555555")).await;
    let told = async |minor: u16, path: &str, wish: Value| {
        let got = offer_at(&house, ("me:abc:member", minor), path, wish).await;
        (got.status, got.fault().1.to_owned())
    };
    let wish = || json!({ "volume_id": volume });
    let old = "Invalid volume: transferring encrypted volume is not supported";
    assert_eq!(told(69, "volume-transfers", wish()).await, (400, old.to_owned()));
    assert_eq!(told(71, "os-volume-transfer", wish()).await, (400, old.to_owned()));
    let (status, message) = told(70, "volume-transfers", wish()).await;
    assert!(status == 400 && message.contains("encryption key"), "{message}");
    let without = json!({ "volume_id": volume, "no_snapshots": true });
    let (_, message) = told(70, "volume-transfers", without).await;
    assert!(message.ends_with("without its snapshots is not supported"), "{message}");
    change(&house, volume, &set("00000000-0000-0000-0000-000000000000")).await;
    assert_eq!(told(70, "volume-transfers", wish()).await.0, 202);
}

#[tokio::test]
async fn a_project_accepts_what_its_limits_allow() {
    let house = House::furnished().await;
    let db = &house.app.db;
    let foreign = put(&house, "def", "foreign", 3).await;
    let body = json!({ "transfer": { "volume_id": foreign } });
    let made = house.ask(RECEIVER, "POST", "/v3/volume-transfers", &body).await;
    let text = |key: &str| made.body["transfer"][key].as_str().expect("a text").to_owned();
    let (id, key) = (text("id"), json!(text("auth_key")));
    for (resource, word) in [
        ("gigabytes", "VolumeSizeExceedsAvailableQuota"),
        ("volumes", "VolumeLimitExceeded"),
        ("volumes___DEFAULT__", "VolumeLimitExceeded"),
        ("per_volume_gigabytes", "VolumeSizeExceedsLimit"),
    ] {
        let most = if resource.starts_with("volumes") { 0 } else { 2 };
        limit(&house, resource, most).await;
        let got = accept(&house, MEMBER, &id, key.clone()).await;
        assert!(got.status == 413 && got.fault().1.starts_with(word), "{}", got.body);
        let lifted: Result<u64, DbError> =
            transact!(db, tx => tx.execute("DELETE FROM quotas", &[]).await);
        assert_eq!(lifted.expect("lifted"), 1);
    }
    assert_eq!(owner(&house, foreign).await.0, "def");
    assert_eq!(accept(&house, MEMBER, &id, key).await.status, 202);
    assert_eq!(owner(&house, foreign).await.0, "abc");
}

#[tokio::test]
async fn lists_have_pages_and_order_from_3_59_on() {
    let house = House::furnished().await;
    for name in ["b", "a", "c"] {
        let volume = put(&house, "abc", name, 1).await;
        offer(&house, volume, name).await;
    }
    let old = ("me:abc:member", 58);
    assert_eq!(names(&house, old, "volume-transfers").await, ["b", "a", "c"]);
    assert_eq!(names(&house, old, "volume-transfers?limit=1&offset=1").await, ["a"]);
    assert_eq!(names(&house, MEMBER, "os-volume-transfer?sort=name").await, ["b", "a", "c"]);
    assert_eq!(names(&house, MEMBER, "volume-transfers").await, ["c", "a", "b"]);
    assert_eq!(
        names(&house, MEMBER, "volume-transfers?sort=display_name:asc").await,
        ["a", "b", "c"]
    );
    let page = house.get(MEMBER, "/v3/volume-transfers/detail?limit=1&sort_key=created_at").await;
    let href = page.body["transfers_links"][0]["href"].as_str().expect("a link").to_owned();
    let rest = href.strip_prefix("http://c:8776/v3/").expect("a link to us");
    assert!(rest.starts_with("volume-transfers/detail?"), "{rest}");
    assert_eq!(names(&house, MEMBER, rest).await, ["a"]);
    let refused = house.get(MEMBER, "/v3/volume-transfers?sort=crypt_hash").await;
    assert_eq!(refused.fault(), (400, "Invalid input received: Invalid sort key"));
    let lost = house.get(MEMBER, "/v3/volume-transfers?marker=lost").await;
    assert_eq!(lost.fault(), (404, "Transfer lost could not be found."));
}

#[tokio::test]
async fn a_list_is_the_projects_and_filters_by_columns_that_are_no_secret() {
    let house = House::furnished().await;
    let (one, other) = (put(&house, "abc", "one", 1).await, put(&house, "abc", "other", 1).await);
    offer(&house, one, "one").await;
    offer(&house, other, "other").await;
    for path in ["volume-transfers", "os-volume-transfer", "volume-transfers/detail"] {
        let found = async |who, query: &str| names(&house, who, &format!("{path}{query}")).await;
        assert_eq!(found(MEMBER, "?name=one").await, ["one"]);
        assert_eq!(found(MEMBER, &format!("?volume_id={other}")).await, ["other"]);
        assert_eq!(found(MEMBER, "?colour=red").await, Vec::<String>::new());
        assert_eq!(found(MEMBER, "?salt=0").await, Vec::<String>::new());
        assert_eq!(found(RECEIVER, "?all_tenants=1").await, Vec::<String>::new());
        assert_eq!(found(RECEIVER, "?project_id=abc").await, Vec::<String>::new());
        assert_eq!(found(("root:def", 71), "").await, Vec::<String>::new());
        assert_eq!(found(("root:def", 71), "?all_tenants=1").await.len(), 2);
        let both = "?all_tenants=1&project_id=def";
        assert_eq!(found(ADMIN, both).await, Vec::<String>::new());
        assert_eq!(house.get(("me:abc:", 71), &format!("/v3/{path}")).await.status, 403);
    }
}
