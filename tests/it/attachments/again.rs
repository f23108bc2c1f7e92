//! Requests that come twice, and volumes that are elsewhere by now.

use ashlar_drivers::FailureKind;
use ashlar_drivers::sim::{Call, PlannedFailure, When};
use ashlar_operations::Refusal;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_fails_when_asked_for_again_leaves_the_first_one_alone() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.connected(volume, SERVER, "one").await;
    let name = format!("volume-{volume}");
    let before = stage.sim.export("pool", &name).expect("offered");
    stage.sim.plan(PlannedFailure::before(Call::Connect, When::Always, FailureKind::Broken));
    let failed = attachments::update(cx, caller, id, connector("one")).await;
    assert!(matches!(failed, Err(Refusal::Failed(_))));
    stage.sim.clear_plan();
    assert_eq!(stage.sim.export("pool", &name), Some(before), "the host is still let in");
    let mut tx = stage.cloud.db.read().await.expect("reads");
    let kept = rows::get(&mut tx, id).await.expect("ok").expect("there");
    drop(tx);
    assert_eq!(kept.attachment.attach_status, AttachStatus::Attaching);
    stage.deleted(id).await;
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_of_two_deletes_cuts_nobody_off() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.shared_volume().await;
    for _ in 0..4 {
        let id = stage.connected(volume, SERVER, "one").await;
        let before = stage.sim.count(Call::Disconnect);
        let ask = || attachments::delete(cx, caller, id);
        let (one, two) = tokio::join!(ask(), ask());
        assert!(one.is_ok() || two.is_ok());
        let calls = stage.sim.count(Call::Disconnect) - before;
        assert_eq!(calls, 1, "the driver was told once");
    }
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawal_that_is_still_owed_does_not_end_a_new_export() {
    let sim = cloud::sim();
    let mut plan = Plan::with_sim(&sim);
    plan.report_interval = std::time::Duration::from_millis(5);
    let stage = Stage::planned(&sim, plan).await;
    let volume = stage.volume().await;
    let name = format!("volume-{volume}");
    let broken = PlannedFailure::before(Call::DestroyExport, When::Always, FailureKind::Broken);
    for _ in 0..20 {
        let id = stage.connected(volume, SERVER, "one").await;
        let offered = stage.sim.export("pool", &name).expect("offered");
        let mut tx = stage.cloud.db.read().await.expect("reads");
        let kept = volumes::export(&mut tx, volume).await.expect("ok").expect("kept");
        drop(tx);
        assert_eq!(offered.export, kept);
        assert!(!offered.hosts.is_empty(), "the host is let in");
        stage.sim.plan(broken.clone());
        stage.deleted(id).await;
        stage.sim.clear_plan();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_was_let_go_is_not_let_in_again_by_who_sees_to_the_exports() {
    let sim = cloud::sim();
    let mut plan = Plan::with_sim(&sim);
    plan.report_interval = std::time::Duration::from_millis(1);
    let stage = Stage::planned(&sim, plan).await;
    let volume = stage.shared_volume().await;
    let name = format!("volume-{volume}");
    stage.attached(volume, OTHER, "stays").await;
    for _ in 0..20 {
        let id = stage.attached(volume, SERVER, "goes").await;
        stage.deleted(id).await;
        let hosts = sim.export("pool", &name).expect("offered").hosts;
        assert_eq!(hosts.len(), 1, "{hosts:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_volume_that_has_moved_meanwhile_is_refused_and_its_export_elsewhere_left_alone() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.reserved(volume, SERVER).await;
    stage.sim.plan(PlannedFailure::before(Call::EnsureExport, When::Always, FailureKind::Busy));
    let update = attachments::update(cx, caller, id, connector("one"));
    let moved = async {
        while stage.sim.count(Call::EnsureExport) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let mut tx = stage.cloud.db.begin().await.expect("begins");
        let sql = "UPDATE volumes SET host = 'elsewhere@other#pool' WHERE id = ?";
        tx.execute(sql, args![volume]).await.expect("moved");
        tx.commit().await.expect("committed");
        stage.sim.clear_plan();
    };
    let (refused, ()) = tokio::join!(update, moved);
    let refused = refused.expect_err("moved");
    assert!(matches!(refused, Refusal::Conflict(_)), "{refused}");
    assert!(refused.to_string().contains("try again"), "{refused}");
    let mut tx = stage.cloud.db.read().await.expect("reads");
    assert!(!volumes::owes_withdrawal(&mut tx, volume).await.expect("ok"));
}
