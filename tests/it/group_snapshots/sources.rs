//! Groups made from group snapshots and from other groups.

use ashlar_db::type_encryption::{self, TypeEncryption};
use ashlar_db::{DbError, args, testing, transact, volume_types};
use ashlar_drivers::FailureKind;
use ashlar_drivers::sim::{Call, PlannedFailure, When};
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Answer, Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

use super::{DEFAULT, delete_group, delete_snapshot, full_group, group};

async fn create(client: &Client, wish: Value) -> Answer {
    client.post("/groups/action", &json!({ "create-from-src": wish })).await
}

/// The volumes of the group.
async fn volumes_of(client: &Client, group: &str) -> Vec<Value> {
    let all = client.get("/volumes/detail").await.expect(200).body["volumes"].clone();
    let all = all.as_array().expect("a list").clone();
    all.into_iter().filter(|volume| volume["group_id"] == group).collect()
}

#[tokio::test]
async fn a_group_has_a_volume_for_each_snapshot_or_volume_of_its_source() {
    for place in testing::databases().await {
        let sim = cloud::sim();
        let cloud = Cloud::on(place, Plan::with_sim(&sim)).await;
        let client = cloud.member();
        let (source, volumes) = full_group(&client).await;
        for volume in &volumes {
            assert!(sim.write("pool", &format!("volume-{volume}"), b"then"));
        }
        let snapshot = client.group_snapshot(&source).await;
        for volume in &volumes {
            assert!(sim.write("pool", &format!("volume-{volume}"), b"now"));
        }
        let forms = [
            (json!({ "group_snapshot_id": snapshot, "name": " g " }), b"then".as_slice()),
            (json!({ "source_group_id": source, "name": "g" }), b"now".as_slice()),
        ];
        for (wish, content) in forms {
            let made = create(&client, wish.clone()).await.expect(202).body["group"].clone();
            let id = id_of(&made);
            assert_eq!(made, json!({ "id": id, "name": "g" }));
            let shown = client.wait_for("groups", &id, "available").await;
            for key in ["group_snapshot_id", "source_group_id"] {
                assert_eq!(shown[key], wish.get(key).cloned().unwrap_or_default(), "{key}");
            }
            let made = volumes_of(&client, &id).await;
            assert_eq!(made.len(), 2);
            for volume in &made {
                assert_eq!(volume["status"], "available");
                let name = format!("volume-{}", id_of(volume));
                assert_eq!(sim.read("pool", &name).as_deref(), Some(content));
                let from = if wish.get("source_group_id").is_some() {
                    volumes.iter().any(|source| volume["source_volid"] == source.as_str())
                } else {
                    volume["snapshot_id"].is_string()
                };
                assert!(from, "{volume}");
            }
            delete_group(&client, &id).await;
        }
        delete_snapshot(&client, &snapshot).await;
        delete_group(&client, &source).await;
        cloud.check().await;
    }
}

#[tokio::test]
async fn a_source_must_be_there_and_hold_something_that_can_be_copied() {
    let cloud = Cloud::start().await;
    let client = cloud.admin();
    let told = async |wish: Value| {
        let answer = create(&client, wish).await;
        (answer.status, answer.message().to_owned())
    };
    let nobody = "00000000-0000-4000-8000-000000000001";
    assert_eq!(
        told(json!({ "source_group_id": nobody })).await,
        (404, format!("Group {nobody} could not be found."))
    );
    assert_eq!(
        told(json!({ "group_snapshot_id": nobody })).await,
        (404, format!("GroupSnapshot {nobody} could not be found."))
    );
    let empty = group(&client).await;
    assert_eq!(
        told(json!({ "source_group_id": empty })).await,
        (400, "Invalid Group: Source Group is empty. No group will be created.".to_owned())
    );
    assert_eq!(told(json!({})).await.0, 400);
    let both = json!({ "source_group_id": empty, "group_snapshot_id": nobody });
    assert_eq!(told(both).await.0, 400);
    let (full, volumes) = full_group(&client).await;
    let wish = json!({ "status": "maintenance" });
    let _ = client.act(&volumes[0], "os-reset_status", wish).await.expect(202);
    let (status, message) = told(json!({ "source_group_id": full })).await;
    assert_eq!(status, 400);
    assert!(message.contains("is not in a valid state"), "{message}");
    let member = cloud.member();
    let answer = create(&member, json!({ "source_group_id": full })).await;
    assert_eq!(answer.status, 404, "another project's");
    let _ = client
        .act(&volumes[0], "os-reset_status", json!({ "status": "available" }))
        .await
        .expect(202);
    cloud.check().await;
}

#[tokio::test]
async fn a_group_from_a_source_over_quota_is_a_bad_request_and_takes_nothing() {
    let limits = [("volumes", 3), ("gigabytes", -1), ("snapshots", -1), ("groups", 2)];
    let cloud = Cloud::planned(Plan::with_sim(&cloud::sim()).limits(&limits)).await;
    let client = cloud.admin();
    let (full, _) = full_group(&client).await;
    let refused = create(&client, json!({ "source_group_id": full })).await.expect(400);
    assert!(refused.message().starts_with("VolumeLimitExceeded: "), "{}", refused.body);
    let _ = group(&client).await;
    let refused = create(&client, json!({ "source_group_id": full })).await.expect(400);
    assert!(refused.message().contains("LimitExceeded: "), "{}", refused.body);
    cloud.check().await;
}

#[tokio::test]
async fn a_group_that_the_backend_cannot_make_is_in_error_with_its_volumes_and_can_be_deleted() {
    let sim = cloud::sim();
    let cloud = Cloud::planned(Plan::with_sim(&sim)).await;
    let client = cloud.admin();
    let (full, _) = full_group(&client).await;
    // The first volume is made, the second is not.
    sim.plan(PlannedFailure::before(Call::EnsureClone, When::Nth(2), FailureKind::NoSpace));
    let made = create(&client, json!({ "source_group_id": full })).await.expect(202);
    let id = id_of(&made.body["group"]);
    client.wait_for("groups", &id, "error").await;
    let volumes = volumes_of(&client, &id).await;
    assert_eq!(volumes.len(), 2);
    for volume in &volumes {
        assert_eq!(volume["status"], "error");
        assert_eq!(volume["os-vol-host-attr:host"], Value::Null);
    }
    cloud.check().await;
    delete_group(&client, &id).await;
    delete_group(&client, &full).await;
    cloud.check().await;
}

#[tokio::test]
async fn a_group_under_way_keeps_its_source_and_may_be_deleted() {
    let cloud = Cloud::start().await;
    let client = cloud.admin();
    let (full, volumes) = full_group(&client).await;
    let snapshot = client.group_snapshot(&full).await;
    let made = create(&client, json!({ "group_snapshot_id": snapshot })).await.expect(202);
    let id = id_of(&made.body["group"]);
    // Either it waits for the copies, or it comes too early and is refused.
    let status = client.delete(&format!("/group_snapshots/{snapshot}")).await.status;
    assert!([202, 400].contains(&status), "{status}");
    delete_group(&client, &id).await;
    if status == 400 {
        delete_snapshot(&client, &snapshot).await;
    } else {
        client.wait_gone("group_snapshots", &snapshot).await;
    }
    let left = volumes_of(&client, &full).await;
    assert_eq!(left.len(), volumes.len());
    delete_group(&client, &full).await;
    cloud.check().await;
}

/// As in a database that was Cinder's: volumes and snapshots have keys, or their type is an encrypted one.
#[tokio::test]
async fn a_group_is_not_made_from_what_is_encrypted() {
    let cloud = Cloud::start().await;
    let client = cloud.admin();
    let (full, volumes) = full_group(&client).await;
    let snapshot = client.group_snapshot(&full).await;
    let sources = [json!({ "source_group_id": full }), json!({ "group_snapshot_id": snapshot })];
    let set_key = async |table: &str, key: Option<&str>| {
        let sql = format!("UPDATE {table} SET encryption_key_id = ?");
        let set: Result<u64, DbError> =
            transact!(cloud.db, tx => tx.execute(&sql, args![key]).await);
        assert_eq!(set.expect("set"), 2);
    };
    for (wish, table) in sources.iter().zip(["volumes", "snapshots"]) {
        set_key(table, Some("00000000-0000-4000-8000-000000000002")).await;
        let refused = create(&client, wish.clone()).await.expect(400);
        assert!(refused.message().contains("is encrypted, and"), "{}", refused.body);
        set_key(table, None).await;
    }
    let mut tx = cloud.db.read().await.expect("the database answers");
    let default = volume_types::get_by_name(&mut tx, DEFAULT, &volume_types::Visibility::All).await;
    drop(tx);
    let default = default.expect("read").expect("every database has it").id;
    let luks = TypeEncryption {
        control_location: Some("front-end".to_owned()),
        cipher: None,
        key_size: None,
        provider: Some("luks".to_owned()),
    };
    let now = cloud.operations.clock.now();
    let made: Result<String, DbError> = transact!(cloud.db, tx =>
        type_encryption::insert(tx, default, &luks, now).await);
    made.expect("inserted");
    for wish in sources {
        let refused = create(&client, wish).await.expect(400);
        assert!(refused.message().contains("volumes of type __DEFAULT__ are"), "{}", refused.body);
    }
    let all = client.get("/volumes").await.expect(200).body["volumes"].clone();
    assert_eq!(all.as_array().map(Vec::len), Some(volumes.len()), "nothing was made: {all}");
    cloud.check().await;
}
