//! Deleting a group that has volumes, and replication of a group that no backend can replicate.

use ashlar_drivers::FailureKind;
use ashlar_drivers::sim::{Call, PlannedFailure, When};
use serde_json::json;

use super::*;

#[tokio::test]
async fn a_group_is_deleted_with_its_volumes_and_gives_everything_back() {
    let (cloud, client) = house().await;
    let group = group(&client).await;
    let mut volumes = Vec::new();
    for _ in 0..3 {
        volumes.push(client.volume_in(&group).await);
    }
    assert_eq!(delete(&client, &group, true).await.status, 202);
    client.wait_gone("groups", &group).await;
    for volume in &volumes {
        assert_eq!(client.get(&format!("/volumes/{volume}")).await.status, 404);
    }
    cloud.check().await;
}

#[tokio::test]
async fn snapshots_and_servers_keep_a_group_from_being_deleted() {
    let (cloud, client) = house().await;
    let group = group(&client).await;
    let volume = client.volume_in(&group).await;
    let snapshot = client.snapshot(&volume).await;
    let refused = delete(&client, &group, true).await;
    let message = "Invalid Group: Volume in group still has dependent snapshots.";
    assert_eq!((refused.status, refused.message()), (400, message.to_owned()));
    assert_eq!(client.delete(&format!("/snapshots/{snapshot}")).await.status, 202);
    client.wait_gone("snapshots", &snapshot).await;
    let server = "11111111-2222-4333-8444-555555555555";
    let attach = json!({ "instance_uuid": server, "mountpoint": "/dev/vdb" });
    assert_eq!(client.act(&volume, "os-attach", attach).await.status, 202);
    let refused = delete(&client, &group, true).await;
    let message =
        format!("Invalid Group: Volume in group {group} is attached. Need to detach first.");
    assert_eq!((refused.status, refused.message()), (400, message.to_owned()));
    cloud.check().await;
}

#[tokio::test]
async fn a_volume_that_stays_keeps_its_group_which_says_so() {
    let sim = cloud::sim();
    let cloud = Cloud::planned(Plan::with_sim(&sim)).await;
    let client = cloud.admin();
    let group = group(&client).await;
    let volume = client.volume_in(&group).await;
    sim.plan(PlannedFailure::before(Call::DestroyVolume, When::Always, FailureKind::Broken));
    assert_eq!(delete(&client, &group, true).await.status, 202);
    client.wait_for("groups", &group, "error").await;
    client.wait_for("volumes", &volume, "error_deleting").await;
    cloud.check().await;
    sim.clear_plan();
    // From `error` it may be tried again.
    assert_eq!(delete(&client, &group, true).await.status, 202);
    client.wait_gone("groups", &group).await;
    cloud.check().await;
}

#[tokio::test]
async fn a_group_that_nobody_can_replicate_says_error_and_keeps_its_volumes() {
    let (cloud, client) = house().await;
    let replicated = json!({ "group_replication_enabled": "<is> True" });
    let plain = group(&client).await;
    let on = async |group: &str| client.act_on_group(group, "enable_replication", json!({})).await;
    let refused = on(&plain).await;
    let message = format!("Invalid group type: Group {plain} is not a replication group type.");
    assert_eq!((refused.status, refused.message()), (400, message.to_owned()));
    let group_type = client.group_type(replicated).await;
    let unfit = client.group(&group_type, &[DEFAULT]).await;
    let refused = on(&unfit).await;
    assert_eq!(refused.status, 400);
    assert!(refused.message().starts_with("Invalid volume type: Volume type "), "{refused:?}");
    // The type asks for replication only after a backend was found for it.
    let wish = json!({ "volume_type": { "name": "replicated" } });
    let _ = client.post("/types", &wish).await.expect(200);
    let group = client.group(&group_type, &["replicated"]).await;
    let shown = client.get("/types").await.expect(200);
    let types = shown.body["volume_types"].as_array().expect("a list").clone();
    let made = types.iter().find(|it| it["name"] == "replicated").expect("it is there");
    let specs = json!({ "extra_specs": { "replication_enabled": "<is> True" } });
    let path = format!("/types/{}/extra_specs", id_of(made));
    let _ = client.post(&path, &specs).await.expect(200);
    let targets = client.act_on_group(&group, "list_replication_targets", json!({})).await;
    assert_eq!(targets.expect(200).body, json!({ "replication_targets": [] }));
    assert_eq!(on(&group).await.status, 202);
    cloud.quiet().await;
    let shown = client.wait_for("groups", &group, "error").await;
    assert_eq!(shown["replication_status"], "error");
    assert_eq!(client.act_on_group(&group, "disable_replication", json!({})).await.status, 202);
    cloud.check().await;
}
