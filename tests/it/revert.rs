//! Taking a volume back to its newest snapshot: the bytes, the statuses, and every refusal.

use ashlar_db::testing;
use ashlar_drivers::sim::{Call, PlannedFailure, Sim, When};
use ashlar_drivers::{Driver, FailureKind};
use ashlar_testkit::{Answer, Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

fn read(sim: &Sim, volume: &str) -> Vec<u8> {
    sim.read("pool", &format!("volume-{volume}")).expect("the backend has it")
}

fn write(sim: &Sim, volume: &str, bytes: &[u8]) {
    assert!(sim.write("pool", &format!("volume-{volume}"), bytes), "the backend has it");
}

async fn revert(client: &Client, volume: &str, snapshot: &str) -> Answer {
    client.act(volume, "revert", json!({ "snapshot_id": snapshot })).await
}

async fn status(client: &Client, kind: &str, id: &str) -> Value {
    client.settled(kind, id).await.expect("it is there")["status"].clone()
}

#[tokio::test]
async fn a_reverted_volume_has_the_snapshots_bytes_and_both_can_be_used_again() {
    for place in testing::databases().await {
        let sim = cloud::sim();
        let cloud = Cloud::on(place, Plan::with_sim(&sim)).await;
        let member = cloud.member();
        let volume = member.volume(1).await;
        write(&sim, &volume, b"then");
        let snapshot = member.snapshot(&volume).await;
        for _ in 0..2 {
            write(&sim, &volume, b"now");
            let answer = revert(&member, &volume, &snapshot).await.expect(202);
            assert_eq!(answer.body, Value::Null);
            member.wait_for("volumes", &volume, "available").await;
            member.wait_for("snapshots", &snapshot, "available").await;
            assert_eq!(read(&sim, &volume), b"then");
        }
        write(&sim, &volume, b"later");
        member.volume_of(json!({ "snapshot_id": snapshot })).await;
        cloud.check().await;
    }
}

#[tokio::test]
async fn only_the_newest_snapshot_of_the_volumes_own_size_will_do() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let volume = member.volume(1).await;
    let refused = async |snapshot: Value| {
        let wish = json!({ "snapshot_id": snapshot });
        member.act(&volume, "revert", wish).await.expect(400).message()
    };
    assert_eq!(refused(Value::Null).await, format!("Volume {volume} doesn't have any snapshots."));
    let (older, newest) = (member.snapshot(&volume).await, member.snapshot(&volume).await);
    let other = member.volume(1).await;
    let foreign = member.snapshot(&other).await;
    for named in [json!(older), json!(foreign), json!("nonsense"), Value::Null] {
        let message = refused(named).await;
        assert!(message.contains("is None or not the latest one of volume"), "{message}");
    }
    let _ = member.act(&volume, "revert", json!({})).await.expect(400);
    let _ = member.act(&volume, "os-extend", json!({ "new_size": 2 })).await.expect(202);
    member.wait_for("volumes", &volume, "available").await;
    let message = refused(json!(newest)).await;
    assert!(message.ends_with("The volume size must be equal to the snapshot size."), "{message}");
    let grown = member.snapshot(&volume).await;
    let _ = revert(&member, &volume, &grown).await.expect(202);
    member.wait_for("volumes", &volume, "available").await;
    cloud.check().await;
}

#[tokio::test]
async fn a_status_that_does_not_allow_it_is_a_conflict_and_changes_nothing() {
    let cloud = Cloud::start().await;
    let (member, admin) = (cloud.member(), cloud.admin());
    let volume = member.volume(1).await;
    let snapshot = member.snapshot(&volume).await;
    let reset = async |kind: &str, id: &str, status: &str| {
        let body = json!({ "os-reset_status": { "status": status } });
        let _ = admin.post(&format!("/{kind}/{id}/action"), &body).await.expect(202);
    };
    reset("snapshots", &snapshot, "error").await;
    let message = revert(&member, &volume, &snapshot).await.expect(409).message();
    assert!(message.ends_with("Snapshot's status must be 'available'."), "{message}");
    assert_eq!(status(&member, "volumes", &volume).await, "available");
    reset("snapshots", &snapshot, "available").await;
    reset("volumes", &volume, "error").await;
    let message = revert(&member, &volume, &snapshot).await.expect(409).message();
    assert!(message.ends_with("Volume's status must be 'available'."), "{message}");
    assert_eq!(status(&member, "snapshots", &snapshot).await, "available");
    cloud.check().await;
}

#[tokio::test]
async fn before_3_40_and_for_others_there_is_no_revert() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let volume = member.volume(1).await;
    let snapshot = member.snapshot(&volume).await;
    let _ = revert(&member.at(39), &volume, &snapshot).await.expect(404);
    let _ = revert(&cloud.member(), &volume, &snapshot).await.expect(404);
    let _ = revert(&member.with_roles(&["reader"]), &volume, &snapshot).await.expect(403);
    let _ = revert(&member.at(40), &volume, &snapshot).await.expect(202);
    cloud.check().await;
}

#[tokio::test]
async fn a_volume_that_a_host_is_connected_to_is_not_reverted() {
    let cloud = Cloud::start().await;
    let member = cloud.member();
    let volume = member.volume(1).await;
    let snapshot = member.snapshot(&volume).await;
    let connector = json!({ "connector": { "host": "compute-1", "initiator": "iqn.x" } });
    let _ = member.act(&volume, "os-initialize_connection", connector.clone()).await.expect(200);
    let message = revert(&member, &volume, &snapshot).await.expect(409).message();
    assert!(message.ends_with("a host is connected to it."), "{message}");
    assert_eq!(status(&member, "volumes", &volume).await, "available");
    let _ = member.act(&volume, "os-terminate_connection", connector).await.expect(202);
    let _ = revert(&member, &volume, &snapshot).await.expect(202);
    member.wait_for("volumes", &volume, "available").await;
    cloud.check().await;
}

#[tokio::test]
async fn a_backend_that_fails_leaves_the_volume_in_error_and_the_snapshot_available() {
    let sim = cloud::sim();
    let cloud = Cloud::planned(Plan::with_sim(&sim)).await;
    let (member, admin) = (cloud.member(), cloud.admin());
    let volume = member.volume(1).await;
    let snapshot = member.snapshot(&volume).await;
    let failure = PlannedFailure::before(Call::EnsureReverted, When::Always, FailureKind::Broken);
    sim.plan(failure);
    let _ = revert(&member, &volume, &snapshot).await.expect(202);
    assert_eq!(status(&member, "volumes", &volume).await, "error");
    assert_eq!(status(&member, "snapshots", &snapshot).await, "available");
    sim.clear_plan();
    let available = json!({ "status": "available" });
    let _ = admin.act(&volume, "os-reset_status", available).await.expect(202);
    let _ = revert(&member, &volume, &snapshot).await.expect(202);
    assert_eq!(status(&member, "volumes", &volume).await, "available");
    cloud.check().await;
}

#[tokio::test]
async fn a_snapshot_that_is_removed_by_force_meanwhile_goes_after_the_revert() {
    let sim = cloud::sim();
    let cloud = Cloud::planned(Plan::with_sim(&sim)).await;
    let (member, admin) = (cloud.member(), cloud.admin());
    let volume = member.volume(1).await;
    write(&sim, &volume, b"then");
    let snapshot = member.snapshot(&volume).await;
    write(&sim, &volume, b"now");
    // Not before the removal was asked for.
    let busy = PlannedFailure::before(Call::EnsureReverted, When::First(3), FailureKind::Busy);
    sim.plan(busy);
    let _ = revert(&member, &volume, &snapshot).await.expect(202);
    let path = format!("/snapshots/{snapshot}/action");
    let _ = admin.post(&path, &json!({ "os-force_delete": null })).await.expect(202);
    member.wait_gone("snapshots", &snapshot).await;
    assert_eq!(status(&member, "volumes", &volume).await, "available");
    assert_eq!(read(&sim, &volume), b"then");
    cloud.check().await;
}

#[tokio::test]
async fn files_are_reverted_byte_for_byte() {
    use ashlar_drivers::file::{FileDriver, FileSettings};
    use std::os::unix::fs::FileExt as _;
    use std::sync::Arc;

    let home = tempfile::tempdir().expect("a directory");
    let driver = FileDriver::new(FileSettings::new(home.path().join("volumes"), "files"));
    let driver: Arc<dyn Driver> = Arc::new(driver);
    let cloud = Cloud::planned(Plan::with_backends(vec![("files".to_owned(), driver)])).await;
    let member = cloud.member();
    let volume = member.volume(1).await;
    let path = home.path().join("volumes").join(format!("volume-{volume}"));
    let open = || std::fs::OpenOptions::new().read(true).write(true).open(&path).expect("there");
    open().write_all_at(b"then", 5000).expect("written");
    let snapshot = member.snapshot(&volume).await;
    open().write_all_at(&[1; 9000], 0).expect("written");
    let _ = revert(&member, &volume, &snapshot).await.expect(202);
    member.wait_for("volumes", &volume, "available").await;
    let mut bytes = vec![1; 9000];
    open().read_exact_at(&mut bytes, 0).expect("long enough");
    let mut expected = vec![0; 9000];
    expected[5000..5004].copy_from_slice(b"then");
    assert_eq!(bytes, expected);
    assert_eq!(open().metadata().expect("it can be measured").len(), 1 << 30);
    cloud.check().await;
}
