//! Messages over a real database.

use std::time::Duration;

use ashlar_db::messages::{NewMessage, insert};
use ashlar_db::{DbError, transact};
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{MessageId, UserMessage};
use serde_json::{Value, json};

use crate::testing::House;

const ADMIN: (&str, u16) = ("root:abc", 71);
const MEMBER: (&str, u16) = ("me:abc:member", 71);

async fn put(house: &House, project: &str, about: &str) -> MessageId {
    let message = NewMessage {
        project_id: project,
        request_id: "req-1",
        resource_uuid: about,
        what: UserMessage {
            action: Action::SnapshotCreate,
            detail: Detail::SnapshotCreateError,
            subject: Subject::Snapshot,
        },
    };
    let (db, now) = (&house.app.db, house.app.clock.now());
    let put: Result<MessageId, DbError> =
        transact!(db, tx => insert(tx, &message, now, Duration::from_secs(60)).await);
    house.app.clock.advance(Duration::from_secs(1));
    put.expect("inserted")
}

async fn house_with_three() -> (House, [MessageId; 3]) {
    let house = House::furnished().await;
    let ids = [
        put(&house, "abc", "one").await,
        put(&house, "abc", "two").await,
        put(&house, "def", "three").await,
    ];
    (house, ids)
}

async fn about(house: &House, who: (&str, u16), query: &str) -> Vec<String> {
    let got = house.get(who, &format!("/v3/messages{query}")).await;
    let list = got.body["messages"].as_array().expect("a list");
    let about = |message: &Value| message["resource_uuid"].as_str().unwrap_or("").to_owned();
    list.iter().map(about).collect()
}

#[tokio::test]
async fn a_message_says_what_was_done_and_what_went_wrong() {
    let (house, [first, ..]) = house_with_three().await;
    let got = house.get(MEMBER, &format!("/v3/abc/messages/{first}")).await;
    assert_eq!(got.status, 200);
    assert_eq!(
        got.body["message"],
        json!({
            "id": first.to_string(),
            "event_id": "VOLUME_VOLUME_SNAPSHOT_009_013",
            "user_message": "create snapshot:The snapshot could not be created.",
            "message_level": "ERROR",
            "created_at": "2026-11-22T10:11:12.000345",
            "guaranteed_until": "2026-11-22T10:12:12.000345",
            "request_id": "req-1",
            "resource_type": "VOLUME_SNAPSHOT",
            "resource_uuid": "one",
            "links": [
                { "rel": "self", "href": format!("http://c:8776/v3/abc/messages/{first}") },
                { "rel": "bookmark", "href": format!("http://c:8776/abc/messages/{first}") },
            ],
        })
    );
}

/// The original lists the messages of every project.
#[tokio::test]
async fn a_list_has_the_callers_project_alone() {
    let (house, _) = house_with_three().await;
    assert_eq!(about(&house, MEMBER, "").await, ["two", "one"]);
    assert_eq!(about(&house, MEMBER, "?all_tenants=1").await, ["two", "one"]);
    assert_eq!(about(&house, ADMIN, "").await, ["two", "one"]);
    assert_eq!(about(&house, ADMIN, "?all_tenants=1").await, ["three", "two", "one"]);
    assert_eq!(house.get(("me:abc:", 71), "/v3/messages").await.status, 403);
    assert_eq!(house.get(("me:abc:member", 2), "/v3/messages").await.status, 404);
}

#[tokio::test]
async fn the_query_counts_from_3_5_on() {
    let (house, [_, second, _]) = house_with_three().await;
    assert_eq!(about(&house, ("me:abc:member", 4), "?limit=1&marker=x").await, ["two", "one"]);
    let page = house.get(("me:abc:member", 5), "/v3/messages?limit=1").await.body;
    let href = format!("http://c:8776/v3/messages?limit=1&marker={second}");
    assert_eq!(page["messages_links"], json!([{ "rel": "next", "href": href }]));
    assert_eq!(about(&house, MEMBER, &format!("?limit=1&marker={second}")).await, ["one"]);
    assert_eq!(about(&house, MEMBER, "?sort=resource_uuid:asc").await, ["one", "two"]);
    assert_eq!(about(&house, MEMBER, "?resource_uuid=one").await, ["one"]);
    assert_eq!(about(&house, ADMIN, "?resource_uuid~=w").await, ["two"]);
    assert_eq!(about(&house, ADMIN, "?colour=red").await, Vec::<String>::new());
    let lost = house.get(MEMBER, "/v3/messages?marker=lost").await;
    assert_eq!(lost.fault(), (404, "Message lost could not be found."));
    let refused = house.get(MEMBER, "/v3/messages?colour=red").await;
    assert_eq!(refused.fault().1, "Invalid filters colour are found in query options.");
}

#[tokio::test]
async fn a_message_of_another_project_is_not_there() {
    let (house, [first, _, foreign]) = house_with_three().await;
    let delete = async |who, id: MessageId| {
        house.ask(who, "DELETE", &format!("/v3/messages/{id}"), &Value::Null).await.status
    };
    let got = house.get(MEMBER, &format!("/v3/messages/{foreign}")).await;
    let message = format!("Message {foreign} could not be found.");
    assert_eq!(got.fault(), (404, message.as_str()));
    assert_eq!(delete(MEMBER, foreign).await, 404);
    assert_eq!(delete(("me:abc:reader", 71), first).await, 403);
    assert_eq!(delete(MEMBER, first).await, 204);
    assert_eq!(delete(MEMBER, first).await, 404);
    assert_eq!(delete(ADMIN, foreign).await, 204);
}
