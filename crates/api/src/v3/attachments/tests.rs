//! Attachments over a real database: lists, single ones, and what needs no volume service.

use ashlar_db::{DbError, args, metadata, transact, volumes};
use ashlar_types::{AttachmentId, Metadata, VolumeId, VolumeStatus};
use serde_json::{Value, json};

use crate::testing::{Got, House};
use crate::v3::volumes::tests::put;

const ADMIN: (&str, u16) = ("root:abc", 71);
const MEMBER: (&str, u16) = ("me:abc:member", 71);
const READER: (&str, u16) = ("me:abc:reader", 71);
const NOBODY: (&str, u16) = ("me:abc:", 71);
const FOREIGNER: (&str, u16) = ("you:def:member", 71);
const SERVER: &str = "11111111-2222-4333-8444-555555555555";

/// Puts an attached attachment into the database.
async fn attached(house: &House, volume: VolumeId) -> AttachmentId {
    let id = AttachmentId::random();
    let (db, now) = (&house.app.db, house.app.clock.now());
    let info = json!({
        "driver_volume_type": "iscsi", "auth_password": "s3cret", "attachment_id": id.to_string(),
    });
    let (info, connector) = (info.to_string(), json!({ "host": "compute-1" }).to_string());
    let put: Result<u64, DbError> = transact!(db, tx => tx.execute(
        "INSERT INTO volume_attachment (id, volume_id, instance_uuid, attached_host, mountpoint, \
         attach_mode, attach_status, attach_time, connection_info, connector, created_at, deleted) \
         VALUES (?, ?, ?, 'compute-1', '/dev/vdb', 'rw', 'attached', ?, ?, ?, ?, FALSE)",
        args![id, volume, SERVER, now, info.as_str(), connector.as_str(), now],
    ).await);
    put.expect("inserted");
    house.app.clock.advance(std::time::Duration::from_secs(1));
    id
}

/// Two attachments of project `abc`, one of `def`.
async fn house_with_three() -> (House, [AttachmentId; 3]) {
    let house = House::furnished().await;
    let mut made = Vec::new();
    for (project, name) in [("abc", "first"), ("abc", "second"), ("def", "foreign")] {
        let volume = put(&house, project, name, 1).await;
        made.push(attached(&house, volume).await);
    }
    (house, made.try_into().expect("three"))
}

fn ids(got: &Got) -> Vec<&str> {
    let list = got.body["attachments"].as_array().expect("a list");
    list.iter().map(|attachment| attachment["id"].as_str().expect("an id")).collect()
}

fn not_found(id: impl std::fmt::Display) -> String {
    format!("Volume attachment could not be found with filter: attachment_id = {id}.")
}

#[tokio::test]
async fn there_is_nothing_before_3_27_and_no_completing_before_3_44() {
    let (house, [first, ..]) = house_with_three().await;
    for path in ["/v3/attachments", "/v3/attachments/detail"] {
        assert_eq!(house.get(("root:abc", 26), path).await.status, 404, "{path}");
        assert_eq!(house.get(("root:abc", 27), path).await.status, 200, "{path}");
    }
    let complete = json!({ "os-complete": null });
    let path = format!("/v3/attachments/{first}/action");
    assert_eq!(house.ask(("root:abc", 43), "POST", &path, &complete).await.status, 404);
}

#[tokio::test]
async fn an_attachment_is_shown_to_its_project_with_how_the_volume_is_reached() {
    let (house, [first, _, foreign]) = house_with_three().await;
    for who in [ADMIN, MEMBER, READER, NOBODY] {
        let got = house.get(who, &format!("/v3/attachments/{first}")).await;
        let shown = &got.body["attachment"];
        assert_eq!((&shown["status"], &shown["instance"]), (&json!("attached"), &json!(SERVER)));
        assert_eq!((&shown["attach_mode"], &shown["detached_at"]), (&json!("rw"), &json!("")));
        assert_eq!(shown["connection_info"]["driver_volume_type"], "iscsi");
    }
    // In Cinder any project with a volume of its own could read this one.
    let got = house.get(MEMBER, &format!("/v3/attachments/{foreign}")).await;
    assert_eq!(got.fault(), (404, not_found(foreign).as_str()));
    assert!(!got.body.to_string().contains("s3cret"));
    assert_eq!(house.get(ADMIN, &format!("/v3/attachments/{foreign}")).await.status, 200);
    let lost = house.get(MEMBER, "/v3/attachments/lost").await;
    assert_eq!(lost.fault(), (404, not_found("lost").as_str()));
}

#[tokio::test]
async fn the_format_of_a_volume_is_told_with_its_connection() {
    let (house, [first, ..]) = house_with_three().await;
    let path = format!("/v3/attachments/{first}");
    let volume = house.get(MEMBER, &path).await.body["attachment"]["volume_id"].clone();
    let volume: VolumeId = volume.as_str().expect("a text").parse().expect("an id");
    let (db, now) = (&house.app.db, house.app.clock.now());
    let format = Metadata::from([("format".to_owned(), "qcow2".to_owned())]);
    let of = metadata::Of::VolumeAdmin(volume);
    let put: Result<(), DbError> =
        transact!(db, tx => metadata::insert(tx, of, &format, now).await);
    put.expect("inserted");
    let shown = house.get(MEMBER, &path).await.body;
    assert_eq!(shown["attachment"]["connection_info"]["format"], "qcow2");
}

#[tokio::test]
async fn a_list_has_the_callers_project_newest_first_and_no_link() {
    let (house, [first, second, foreign]) = house_with_three().await;
    let [first, second, foreign] = [first, second, foreign].map(|id| id.to_string());
    for who in [READER, NOBODY] {
        let got = house.get(who, "/v3/attachments?limit=2").await;
        assert_eq!(ids(&got), [&second, &first]);
        assert_eq!(got.body.as_object().expect("an object").len(), 1);
        let keys: Vec<_> = got.body["attachments"][0].as_object().expect("one").keys().collect();
        assert_eq!(keys, ["id", "instance", "status", "volume_id"]);
    }
    assert_eq!(ids(&house.get(MEMBER, "/v3/attachments?all_tenants=1").await), [&second, &first]);
    let all = house.get(ADMIN, "/v3/attachments/detail?all_tenants=1").await;
    assert_eq!(ids(&all), [&foreign, &second, &first]);
    assert_eq!(all.body["attachments"][0]["connection_info"]["auth_password"], "s3cret");
    let one = house.get(ADMIN, "/v3/attachments?all_tenants=1&project_id=def").await;
    assert_eq!(ids(&one), [&foreign]);
    let next = house.get(MEMBER, &format!("/v3/attachments?marker={second}")).await;
    assert_eq!(ids(&next), [&first]);
    // Another project's is no marker.
    let lost = house.get(MEMBER, &format!("/v3/attachments?marker={foreign}")).await;
    assert_eq!(lost.fault(), (404, not_found(&foreign).as_str()));
}

#[tokio::test]
async fn filters_are_the_configured_ones_and_an_administrators() {
    let (house, [first, second, _]) = house_with_three().await;
    let [first, second] = [first, second].map(|id| id.to_string());
    let shown = house.get(MEMBER, &format!("/v3/attachments/{first}")).await.body;
    let volume = shown["attachment"]["volume_id"].as_str().expect("a volume").to_owned();
    for (query, found) in [
        (format!("volume_id={volume}"), vec![&first]),
        (format!("instance_id={SERVER}"), vec![&second, &first]),
        ("attach_status=attached".to_owned(), vec![&second, &first]),
        ("status=attached".to_owned(), vec![&second, &first]),
        ("status=reserved".to_owned(), vec![]),
        ("sort=created_at:asc".to_owned(), vec![&first, &second]),
    ] {
        assert_eq!(ids(&house.get(MEMBER, &format!("/v3/attachments?{query}")).await), found);
    }
    let refused = house.get(MEMBER, "/v3/attachments?attached_host=x").await;
    let message = "Invalid filters attached_host are found in query options.";
    assert_eq!(refused.fault(), (400, message));
    let dropped = house.get(("me:abc:member", 30), "/v3/attachments?attached_host=x").await;
    assert_eq!(ids(&dropped).len(), 2);
    assert_eq!(ids(&house.get(ADMIN, "/v3/attachments?attached_host=compute-1").await).len(), 2);
    assert_eq!(ids(&house.get(ADMIN, "/v3/attachments?attached_host~=pute").await).len(), 2);
    assert_eq!(ids(&house.get(ADMIN, "/v3/attachments?colour=red").await).len(), 0);
    let wrong = house.get(MEMBER, "/v3/attachments?sort=colour").await;
    assert_eq!(wrong.fault(), (400, "Invalid input received: Invalid sort key"));
}

async fn create(house: &House, who: (&str, u16), attachment: Value) -> Got {
    house.ask(who, "POST", "/v3/attachments", &json!({ "attachment": attachment })).await
}

async fn row(house: &House, id: VolumeId) -> VolumeStatus {
    let mut tx = house.app.db.read().await.expect("a database");
    volumes::get(&mut tx, id).await.expect("read").expect("there").status
}

#[tokio::test]
async fn a_volume_is_reserved_and_let_go_again() {
    let house = House::furnished().await;
    let volume = put(&house, "abc", "one", 1).await;
    let wish = json!({ "volume_uuid": volume.to_string(), "instance_uuid": SERVER });
    let made = create(&house, MEMBER, wish).await;
    assert_eq!(made.status, 200);
    let made = &made.body["attachment"];
    assert_eq!(
        (&made["status"], &made["attached_at"], &made["attach_mode"], &made["connection_info"]),
        (&json!("reserved"), &json!(""), &json!("null"), &json!({}))
    );
    assert_eq!(row(&house, volume).await, VolumeStatus::Reserved);
    let path = format!("/v3/attachments/{}", made["id"].as_str().expect("an id"));
    for (who, status) in [(READER, 403), (NOBODY, 403), (FOREIGNER, 404), (MEMBER, 200)] {
        let got = house.ask(who, "DELETE", &path, &Value::Null).await;
        assert_eq!(got.status, status, "{who:?}");
    }
    assert_eq!(row(&house, volume).await, VolumeStatus::Available);
    assert_eq!(house.get(MEMBER, &path).await.status, 404);
}

#[tokio::test]
async fn who_may_not_attach_is_refused_and_who_may_not_see_finds_nothing() {
    let (house, [first, ..]) = house_with_three().await;
    let volume = put(&house, "abc", "one", 1).await.to_string();
    let path = format!("/v3/attachments/{first}");
    let connector = json!({ "attachment": { "connector": { "host": "h" } } });
    for (who, status) in [(READER, 403), (NOBODY, 403), (FOREIGNER, 404)] {
        let made = create(&house, who, json!({ "volume_uuid": volume })).await;
        let changed = house.ask(who, "PUT", &path, &connector).await;
        let complete = json!({ "os-complete": null });
        let completed = house.ask(who, "POST", &format!("{path}/action"), &complete).await;
        assert_eq!([made.status, changed.status, completed.status], [status; 3], "{who:?}");
    }
    let lost = create(&house, MEMBER, json!({ "volume_uuid": SERVER })).await;
    assert_eq!(lost.fault(), (404, format!("Volume {SERVER} could not be found.").as_str()));
}
