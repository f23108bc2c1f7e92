//! Volumes through the API: made, changed and removed by a whole cloud, and every refusal with its code.

mod actions;
mod metadata;

use ashlar_db::{Engine, testing};
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

/// The code and message of a refused create.
async fn refused(client: &Client, volume: Value) -> (u16, String) {
    let answer = client.post("/volumes", &json!({ "volume": volume })).await;
    (answer.status, answer.message())
}

/// A UUID that nothing has.
pub(crate) const NOBODY: &str = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";

#[tokio::test]
async fn a_volume_is_made_shown_and_removed_on_every_database() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let (admin, member) = (cloud.admin(), cloud.member());
        let wish = json!({ "size": "3", "name": " one ", "metadata": { "k": "v" } });
        let made = member.create_volume(wish).await;
        assert_eq!((&made["status"], &made["size"]), (&json!("creating"), &json!(3)));
        assert_eq!((&made["name"], &made["metadata"]), (&json!("one"), &json!({ "k": "v" })));
        assert!(made.get("os-vol-tenant-attr:tenant_id").is_none());
        let id = id_of(&made);
        let volume = member.wait_for("volumes", &id, "available").await;
        assert_eq!(volume["availability_zone"], "nova");
        assert!(volume.get("os-vol-host-attr:host").is_none());
        let seen = admin.get(&format!("/volumes/{id}")).await.expect(200).body;
        assert_eq!(seen["volume"]["os-vol-host-attr:host"], "testhost@sim#pool");
        assert_eq!(member.delete(&format!("/volumes/{id}")).await.expect(202).body, Value::Null);
        member.wait_gone("volumes", &id).await;
        let message = member.delete(&format!("/volumes/{id}")).await.expect(404).message();
        assert_eq!(message, format!("Volume {id} could not be found."));
    }
}

#[tokio::test]
async fn a_volume_takes_its_size_from_its_source_or_is_larger() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let source = member.volume(2).await;
    let snapshot = member.snapshot(&source).await;
    for (key, id) in [("source_volid", &source), ("snapshot_id", &snapshot)] {
        let same = member.volume_of(json!({ key: id })).await;
        let volume = member.get(&format!("/volumes/{same}")).await.expect(200).body;
        assert_eq!((&volume["volume"]["size"], &volume["volume"][key]), (&json!(2), &json!(id)));
        let larger = member.volume_of(json!({ key: id, "size": 5 })).await;
        let volume = member.get(&format!("/volumes/{larger}")).await.expect(200).body;
        assert_eq!(volume["volume"]["size"], 5);
        let (code, message) = refused(&member, json!({ key: id, "size": 1 })).await;
        assert_eq!(code, 400);
        assert!(message.starts_with("Invalid input received: Volume size 1GB cannot be smaller"));
        let stranger = cloud.member();
        assert_eq!(refused(&stranger, json!({ key: id })).await.0, 404);
    }
}

#[tokio::test]
async fn what_a_request_names_must_be_there_and_usable() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let not_found = |kind: &str| (404, format!("{kind} {NOBODY} could not be found."));
    assert_eq!(refused(&member, json!({ "source_volid": NOBODY })).await, not_found("Volume"));
    assert_eq!(refused(&member, json!({ "snapshot_id": NOBODY })).await, not_found("Snapshot"));
    assert_eq!(
        refused(&member, json!({ "size": 1, "volume_type": "gold" })).await,
        (404, "Volume type with name gold could not be found.".to_owned())
    );
    assert_eq!(
        refused(&member, json!({ "size": 1, "availability_zone": "mars" })).await,
        (400, "Availability zone 'mars' is invalid.".to_owned())
    );
    let id = member.volume(1).await;
    let reset = json!({ "status": "error" });
    let _ = cloud.admin().act(&id, "os-reset_status", reset).await.expect(202);
    assert_eq!(
        refused(&member, json!({ "source_volid": id })).await,
        (
            400,
            "Invalid volume: Originating volume status must be one of 'available, in-use' values"
                .to_owned()
        )
    );
}

#[tokio::test]
async fn bodies_are_checked_for_the_version_that_is_asked() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    for bad in [
        json!({}),
        json!({ "size": 0 }),
        json!({ "size": -1 }),
        json!({ "size": 1.5 }),
        json!({ "size": true }),
        json!({ "size": 2_147_483_648_u64 }),
        json!({ "size": 1, "name": "x".repeat(256) }),
        json!({ "size": 1, "metadata": { "k": 1 } }),
        json!({ "size": 1, "metadata": { "": "v" } }),
        json!({ "size": 1, "snapshot_id": "no-uuid" }),
        json!({ "size": 1, "multiattach": true }),
        json!({ "size": 1, "imageRef": NOBODY }),
        json!({ "size": 1, "backup_id": NOBODY }),
        json!({ "size": 1, "snapshot_id": NOBODY, "source_volid": NOBODY }),
        json!({ "size": 1, "colour": "red" }),
    ] {
        let (code, message) = refused(&member, bad.clone()).await;
        assert_eq!(code, 400, "{bad}: {message}");
        assert!(!message.is_empty(), "{bad}");
    }
    for nobodys in ["group_id", "consistencygroup_id"] {
        let (code, message) = refused(&member, json!({ "size": 1, nobodys: NOBODY })).await;
        assert_eq!(code, 404, "{nobodys}: {message}");
    }
    for (minor, tolerated) in [
        (52, json!({ "size": 1, "colour": "red" })),
        (46, json!({ "size": 1, "backup_id": "anything" })),
        (12, json!({ "size": 1, "group_id": NOBODY })),
        (0, json!({ "size": 1, "display_name": "old", "imageRef": null })),
    ] {
        let answer = member.at(minor).post("/volumes", &json!({ "volume": tolerated })).await;
        let _ = answer.expect(202);
    }
    let reader = member.with_roles(&["reader"]);
    assert_eq!(
        refused(&reader, json!({ "size": 1 })).await,
        (403, "Policy doesn't allow volume:create to be performed.".to_owned())
    );
}

#[tokio::test]
async fn any_text_is_a_name_or_is_refused_where_the_database_cannot_hold_it() {
    for place in testing::databases().await {
        let cannot = place.db.engine() == Engine::Mysql;
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let member = cloud.member();
        let wish = json!({ "volume": { "size": 1, "name": "crab \u{1f980}" } });
        let answer = member.post("/volumes", &wish).await;
        if cannot {
            let message = answer.expect(400).message();
            assert!(message.contains("cannot store"), "{message}");
        } else {
            let id = id_of(&answer.expect(202).body["volume"]);
            let volume = member.wait_for("volumes", &id, "available").await;
            assert_eq!(volume["name"], "crab \u{1f980}");
        }
        // A refusal takes no quota and leaves nothing behind.
        let listed = member.get("/volumes").await.expect(200).body;
        let count = listed["volumes"].as_array().map(Vec::len);
        assert_eq!(count, Some(usize::from(!cannot)));
    }
}

#[tokio::test]
async fn quotas_are_told_with_their_numbers() {
    let plan = Plan::with_sim(&cloud::sim()).limits(&[
        ("volumes", 1),
        ("gigabytes", 10),
        ("per_volume_gigabytes", 8),
    ]);
    let cloud = Cloud::planned(plan).await;
    let member = cloud.member();
    let wish = |size: u64| json!({ "volume": { "size": size } });
    let answer = member.post("/volumes", &wish(9)).await.expect(413);
    assert_eq!(
        (answer.header("retry-after"), &answer.body["overLimit"]["retryAfter"]),
        ("0", &json!("0"))
    );
    assert_eq!(
        answer.message(),
        "VolumeSizeExceedsLimit: Requested volume size 9G is larger than maximum allowed limit 8G."
    );
    let id = member.volume(1).await;
    assert_eq!(
        member.post("/volumes", &wish(1)).await.expect(413).message(),
        "VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded for quota 'volumes'."
    );
    let _ = member.delete(&format!("/volumes/{id}")).await.expect(202);
    member.wait_gone("volumes", &id).await;
    member.volume(1).await;
}

#[tokio::test]
async fn a_volume_with_snapshots_goes_only_with_them() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = member.volume(1).await;
    let snapshot = member.snapshot(&id).await;
    let path = format!("/volumes/{id}");
    let message = member.delete(&path).await.expect(400).message();
    assert!(message.starts_with("Invalid volume: "), "{message}");
    let _ = cloud.admin().delete(&format!("{path}?force=true")).await.expect(400);
    let message = member.delete(&format!("{path}?cascade=maybe")).await.expect(400).message();
    assert_eq!(message, "Value 'maybe' for 'cascade' is not a boolean.");
    let _ = member.delete(&format!("{path}?cascade=True")).await.expect(202);
    member.wait_gone("volumes", &id).await;
    let _ = member.get(&format!("/snapshots/{snapshot}")).await.expect(404);
}

#[tokio::test]
async fn a_removal_by_force_is_for_administrators_and_from_3_23() {
    let cloud = Cloud::start().await;
    let (admin, member) = (cloud.admin(), cloud.member());
    let id = member.volume(1).await;
    let reset = json!({ "status": "error_deleting" });
    let _ = admin.act(&id, "os-reset_status", reset).await.expect(202);
    let path = format!("/volumes/{id}?force=true");
    let message = member.delete(&path).await.expect(403).message();
    assert_eq!(message, "Policy doesn't allow volume:force_delete to be performed.");
    let _ = cloud.member().delete(&path).await.expect(404);
    let _ = member.with_roles(&["reader"]).delete(&format!("/volumes/{id}")).await.expect(403);
    let _ = admin.at(22).delete(&path).await.expect(400);
    let _ = admin.at(23).delete(&path).await.expect(202);
    member.wait_gone("volumes", &id).await;
}

#[tokio::test]
async fn defect_an_encryption_fact_that_a_volume_has_not_is_not_found() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let path = format!("/volumes/{}/encryption", member.volume(1).await);
    let told = member.at(0).get(&path).await.expect(200).body;
    assert_eq!(told, json!({ "encryption_key_id": null }));
    let _ = member.get(&format!("{path}/encryption_key_id")).await.expect(200);
    let _ = member.get(&format!("{path}/cipher")).await.expect(404);
    let _ = cloud.member().get(&path).await.expect(404);
    let _ = member.get(&format!("/volumes/{NOBODY}/encryption")).await.expect(404);
}
