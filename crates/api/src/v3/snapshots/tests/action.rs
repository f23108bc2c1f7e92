//! Actions.

use ashlar_types::{SnapshotId, SnapshotStatus};
use serde_json::{Value, json};

use super::*;

async fn act(house: &House, who: (&str, u16), id: SnapshotId, body: Value) -> u16 {
    house.ask(who, "POST", &format!("/v3/snapshots/{id}/action"), &body).await.status
}

#[tokio::test]
async fn an_administrator_resets_any_status_to_any() {
    let (house, [first, ..]) = house_with_three().await;
    let reset = |status: &str| json!({ "os-reset_status": { "status": status } });
    for from in SnapshotStatus::ALL.iter().copied() {
        set_status(&house, first, from).await;
        assert_eq!(act(&house, ADMIN, first, reset("Available")).await, 202, "{from}");
        assert_eq!(status_of(&house, first).await, SnapshotStatus::Available);
    }
    for wrong in ["", "in-use", "xyz"] {
        assert_eq!(act(&house, ADMIN, first, reset(wrong)).await, 400);
    }
    assert_eq!(act(&house, MEMBER, first, reset("error")).await, 403);
    assert_eq!(act(&house, FOREIGNER, first, reset("error")).await, 404);
    assert_eq!(status_of(&house, first).await, SnapshotStatus::Available);
}

#[tokio::test]
async fn a_forced_delete_starts_in_any_status() {
    let (house, [first, ..]) = house_with_three().await;
    let force = || json!({ "os-force_delete": null });
    assert_eq!(act(&house, MEMBER, first, force()).await, 403);
    for status in SnapshotStatus::ALL.iter().copied() {
        set_status(&house, first, status).await;
        assert_eq!(act(&house, ADMIN, first, force()).await, 202, "{status}");
        assert_eq!(status_of(&house, first).await, SnapshotStatus::Deleting);
    }
}

#[tokio::test]
async fn nova_reports_status_and_progress() {
    let (house, [first, ..]) = house_with_three().await;
    let report = |status: &str, progress: Value| json!({ "os-update_snapshot_status": { "status": status, "progress": progress } });
    set_status(&house, first, SnapshotStatus::Creating).await;
    assert_eq!(act(&house, READER, first, report("error", json!(null))).await, 403);
    assert_eq!(act(&house, MEMBER, first, report("creating", json!("40%"))).await, 202);
    assert_eq!(act(&house, MEMBER, first, report("deleting", json!(null))).await, 400);
    assert_eq!(act(&house, MEMBER, first, report("available", json!("x"))).await, 400);
    assert_eq!(act(&house, MEMBER, first, report("available", json!(""))).await, 202);
    assert_eq!(act(&house, MEMBER, first, report("error", json!(null))).await, 400);
    let shown = house.get(MEMBER, &format!("/v3/snapshots/{first}")).await.body;
    assert_eq!(shown["snapshot"]["status"], "available");
    assert_eq!(shown["snapshot"]["os-extended-snapshot-attributes:progress"], "40%");

    // One that was completed, and taken back to the start.
    finish(&house, first).await;
    for (told, shown) in [("80%", "80%"), ("100%", "100%"), ("", "100%")] {
        set_status(&house, first, SnapshotStatus::Creating).await;
        assert_eq!(act(&house, MEMBER, first, report("error", json!(told))).await, 202);
        let answer = house.get(MEMBER, &format!("/v3/snapshots/{first}")).await.body;
        assert_eq!(answer["snapshot"]["os-extended-snapshot-attributes:progress"], shown);
    }
    let snapshot = snapshot_of(&house, first).await;
    assert!(snapshot.takes_space(), "what is told does not change what is there");
}
