//! Actions on volumes through the API.

use ashlar_db::{DbError, testing, transact, volumes};
use ashlar_testkit::{Cloud, Plan, cloud};
use ashlar_types::{AttachStatus, VolumeId, VolumeStatus};
use serde_json::{Value, json};

use super::NOBODY;

/// Puts the volume into use behind the API, as an attachment would.
async fn into_use(cloud: &Cloud, id: &str) {
    let id: VolumeId = id.parse().expect("an id");
    let reset = volumes::Reset {
        status: Some(VolumeStatus::InUse),
        attach_status: Some(AttachStatus::Attached),
        migration_status: None,
    };
    let now = ashlar_types::Clock::System.now();
    let set: Result<bool, DbError> =
        transact!(cloud.db, tx => volumes::reset(tx, id, &reset, now).await);
    assert!(set.expect("set"));
}

#[tokio::test]
async fn a_volume_grows_on_every_database() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let member = cloud.member();
        let id = member.volume(1).await;
        let answer = member.act(&id, "os-extend", json!({ "new_size": "4" })).await.expect(202);
        assert_eq!(answer.body, Value::Null);
        let volume = member.wait_for("volumes", &id, "available").await;
        assert_eq!(volume["size"], 4);
    }
}

#[tokio::test]
async fn a_volume_in_use_grows_from_3_42() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = member.volume(1).await;
    into_use(&cloud, &id).await;
    let size = json!({ "new_size": 2 });
    let message = member.at(41).act(&id, "os-extend", size.clone()).await.expect(400).message();
    assert_eq!(
        message,
        format!(
            "Invalid volume: Volume {id} status must be 'available' to extend, currently in-use."
        )
    );
    let _ = member.at(42).act(&id, "os-extend", size).await.expect(202);
    let volume = member.wait_for("volumes", &id, "in-use").await;
    assert_eq!(volume["size"], 2);
}

#[tokio::test]
async fn a_growth_is_refused_for_size_quota_right_and_place() {
    let plan =
        Plan::with_sim(&cloud::sim()).limits(&[("gigabytes", 10), ("per_volume_gigabytes", 20)]);
    let cloud = Cloud::planned(plan).await;
    let member = cloud.member();
    let id = member.volume(2).await;
    let extend = async |size: Value| {
        let answer = member.act(&id, "os-extend", json!({ "new_size": size })).await;
        (answer.status, answer.message())
    };
    for size in [json!(2), json!(1), json!(0), json!("two"), json!(null), json!(2.5)] {
        assert_eq!(extend(size.clone()).await.0, 400, "{size}");
    }
    assert_eq!(
        extend(json!(11)).await,
        (
            413,
            "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed \
             gigabytes quota. Requested 9G, quota is 10G and 2G has been consumed."
                .to_owned()
        )
    );
    assert_eq!(
        extend(json!(21)).await,
        (
            413,
            "VolumeSizeExceedsLimit: Requested volume size 21G is larger than maximum allowed \
             limit 20G."
                .to_owned()
        )
    );
    let size = json!({ "new_size": 3 });
    let reader = member.with_roles(&["reader"]);
    let message = reader.act(&id, "os-extend", size.clone()).await.expect(403).message();
    assert_eq!(message, "Policy doesn't allow volume:extend to be performed.");
    let _ = cloud.member().act(&id, "os-extend", size.clone()).await.expect(404);
    let _ = member.act(NOBODY, "os-extend", size).await.expect(404);
    let volume = member.wait_for("volumes", &id, "available").await;
    assert_eq!(volume["size"], 2);
}

#[tokio::test]
async fn an_administrator_resets_statuses() {
    let cloud = Cloud::start().await;
    let (admin, member) = (cloud.admin(), cloud.member());
    let id = member.volume(1).await;
    let reset = async |inner: Value| admin.act(&id, "os-reset_status", inner).await;
    let _ = reset(json!({ "status": "ERROR", "migration_status": "migrating" })).await.expect(202);
    let seen = admin.get(&format!("/volumes/{id}")).await.expect(200).body["volume"].clone();
    assert_eq!(
        (&seen["status"], &seen["migration_status"]),
        (&json!("error"), &json!("migrating"))
    );
    let both = json!({ "status": "available", "migration_status": "none", "attach_status": null });
    let _ = reset(both).await.expect(202);
    let seen = admin.get(&format!("/volumes/{id}")).await.expect(200).body["volume"].clone();
    assert_eq!((&seen["status"], &seen["migration_status"]), (&json!("available"), &Value::Null));
    for bad in [
        json!({}),
        json!({ "status": "deleting" }),
        json!({ "status": "in-use" }),
        json!({ "status": "reverting" }),
        json!({ "status": 1 }),
        json!({ "attach_status": "reserved" }),
        json!({ "migration_status": "xyz" }),
        json!(null),
    ] {
        let _ = reset(bad).await.expect(400);
    }
    let error = json!({ "status": "error" });
    let _ = member.act(&id, "os-reset_status", error.clone()).await.expect(403);
    let _ = admin.act(NOBODY, "os-reset_status", error).await.expect(404);
}

#[tokio::test]
async fn flags_show_in_the_volume() {
    let cloud = Cloud::start().await;
    let (admin, member) = (cloud.admin(), cloud.member());
    let id = member.volume(1).await;
    for flag in [true, false] {
        let _ = member.act(&id, "os-set_bootable", json!({ "bootable": flag })).await.expect(200);
        let readonly = json!({ "readonly": flag });
        let _ = member.act(&id, "os-update_readonly_flag", readonly).await.expect(202);
        let seen = member.get(&format!("/volumes/{id}")).await.expect(200).body["volume"].clone();
        assert_eq!(seen["bootable"], flag.to_string());
        let readonly = if flag { "True" } else { "False" };
        assert_eq!(seen["metadata"]["readonly"], readonly);
    }
    let _ = member.act(&id, "os-set_bootable", json!({ "bootable": null })).await.expect(400);
    let _ = member.act(&id, "os-update_readonly_flag", json!({})).await.expect(400);
    let reader = member.with_roles(&["reader"]);
    let _ = reader.act(&id, "os-set_bootable", json!({ "bootable": true })).await.expect(403);
    let readonly = json!({ "readonly": true });
    let _ = reader.act(&id, "os-update_readonly_flag", readonly.clone()).await.expect(403);
    let reset = json!({ "status": "maintenance" });
    let _ = admin.act(&id, "os-reset_status", reset).await.expect(202);
    assert_eq!(
        member.act(&id, "os-set_bootable", json!({ "bootable": true })).await.expect(400).message(),
        "Invalid volume: The volume cannot be updated during maintenance."
    );
    assert_eq!(
        member.act(&id, "os-update_readonly_flag", readonly).await.expect(400).message(),
        format!(
            "Invalid volume: Volume {id} status must be available to update readonly flag, but \
             current status is: maintenance."
        )
    );
}

#[tokio::test]
async fn a_forced_removal_takes_a_volume_in_any_status_that_is_not_attached() {
    let cloud = Cloud::start().await;
    let (admin, member) = (cloud.admin(), cloud.member());
    let id = member.volume(1).await;
    let _ = member.act(&id, "os-force_delete", json!({})).await.expect(403);
    let _ = cloud.member().act(&id, "os-force_delete", json!({})).await.expect(404);
    into_use(&cloud, &id).await;
    let message = admin.act(&id, "os-force_delete", json!(null)).await.expect(400).message();
    assert!(message.starts_with("Invalid volume: "), "{message}");
    let reset = json!({ "status": "backing-up", "attach_status": "detached" });
    let _ = admin.act(&id, "os-reset_status", reset).await.expect(202);
    let _ = admin.act(&id, "os-force_delete", json!(null)).await.expect(202);
    member.wait_gone("volumes", &id).await;
}

#[tokio::test]
async fn image_metadata_is_kept_beside_the_users() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let id = member.volume(1).await;
    let message =
        member.act(&id, "os-show_image_metadata", json!(null)).await.expect(404).message();
    assert_eq!(message, format!("Glance metadata for volume/snapshot {id} cannot be found."));
    let pairs = json!({ "metadata": { "os": "linux", "about": "x".repeat(40_000) } });
    let set = member.act(&id, "os-set_image_metadata", pairs.clone()).await.expect(200);
    assert_eq!(set.body, pairs);
    assert_eq!(member.act(&id, "os-show_image_metadata", json!({})).await.expect(200).body, pairs);
    let key = json!({ "key": "about" });
    let _ = member.act(&id, "os-unset_image_metadata", key.clone()).await.expect(200);
    let _ = member.act(&id, "os-unset_image_metadata", key.clone()).await.expect(404);
    let seen = member.get(&format!("/volumes/{id}")).await.expect(200).body["volume"].clone();
    assert_eq!(seen["volume_image_metadata"], json!({ "os": "linux" }));
    assert_eq!(seen["metadata"], json!({}));
    let _ = member.act(&id, "os-unset_image_metadata", json!({ "key": "" })).await.expect(400);
    let _ = member.act(&id, "os-set_image_metadata", json!({})).await.expect(400);
    let reader = member.with_roles(&["reader"]);
    let _ = reader.act(&id, "os-set_image_metadata", pairs).await.expect(403);
    let _ = reader.act(&id, "os-unset_image_metadata", key).await.expect(403);
}

#[tokio::test]
async fn an_action_that_there_is_not_says_so() {
    let cloud = Cloud::start().await;
    let admin = cloud.admin();
    let id = admin.volume(1).await;
    for action in ["os-migrate_volume", "no-such-thing"] {
        let message = admin.act(&id, action, json!({})).await.expect(400).message();
        assert!(message.starts_with(&format!("There is no such action: {action}.")), "{message}");
    }
    let path = format!("/volumes/{id}/action");
    let two = json!({ "os-extend": { "new_size": 2 }, "os-force_delete": {} });
    assert_eq!(admin.post(&path, &two).await.expect(400).message(), "Malformed request body");
    assert_eq!(admin.post(&path, &json!({})).await.expect(400).message(), "Malformed request body");
}
