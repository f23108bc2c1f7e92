//! The backend fails, hangs, is down, or forgets what it offered.

use std::time::Duration;

use ashlar_drivers::FailureKind;
use ashlar_drivers::sim::{Call, PlannedFailure, Sim, SimPool, SimSettings, When};
use ashlar_operations::Refusal;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_cannot_connect_leaves_an_attachment_that_says_so_and_no_export() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    for call in [Call::EnsureExport, Call::Connect] {
        let volume = stage.volume().await;
        let id = stage.reserved(volume, SERVER).await;
        stage.sim.plan(PlannedFailure::after(call, When::Always, FailureKind::Broken));
        let failed = attachments::update(cx, caller, id, connector("one")).await;
        let failed = failed.expect_err("broken");
        assert!(matches!(failed, Refusal::Failed(_)), "{failed}");
        assert!(!failed.to_string().contains("planned"), "the cause is private: {failed}");
        stage.sim.clear_plan();
        let mut tx = stage.cloud.db.read().await.expect("reads");
        let kept = rows::get(&mut tx, id).await.expect("ok").expect("there");
        drop(tx);
        assert_eq!(kept.attachment.attach_status, AttachStatus::ErrorAttaching);
        assert_eq!(stage.statuses(volume).await, (VolumeStatus::Reserved, AttachStatus::Detached));
        assert_eq!(stage.sim.exported(), Vec::<String>::new(), "{call:?}");
        let client = stage.cloud.client(&caller.project_id, &[]);
        let told = client.get("/messages").await.expect(200);
        let event = &told.body["messages"][0]["event_id"];
        assert_eq!(event, "VOLUME_VOLUME_004_021", "{}", told.body);
        // It can be tried again, or given up.
        attachments::update(cx, caller, id, connector("one")).await.expect("connected");
        stage.deleted(id).await;
        stage.expect_free(volume).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connector_that_says_too_little_is_the_clients_fault() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.reserved(volume, SERVER).await;
    let value = json!({ "multipath": false });
    let poor = Connector(value.as_object().cloned().expect("an object"));
    let refused = attachments::update(cx, caller, id, poor).await.expect_err("too little");
    assert!(matches!(refused, Refusal::Invalid(_)), "{refused}");
    assert!(refused.to_string().contains("connector"), "{refused}");
    stage.deleted(id).await;
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_that_cannot_be_withdrawn_keeps_nobody_waiting_and_goes_later() {
    let stage = Stage::new().await;
    let volume = stage.volume().await;
    let id = stage.attached(volume, SERVER, "one").await;
    let failure = FailureKind::Unavailable;
    stage.sim.plan(PlannedFailure::before(Call::DestroyExport, When::Always, failure));
    stage.deleted(id).await;
    assert_eq!(stage.statuses(volume).await, (VolumeStatus::Available, AttachStatus::Detached));
    assert_eq!(stage.sim.exported().len(), 1, "it could not be withdrawn");
    stage.sim.clear_plan();
    // The next that uses it up puts it right; so does the backend's look after its exports.
    let id = stage.connected(volume, SERVER, "one").await;
    stage.deleted(id).await;
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_cannot_be_let_go_stays_attached_and_says_so() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.attached(volume, SERVER, "one").await;
    let failure = FailureKind::Broken;
    stage.sim.plan(PlannedFailure::before(Call::Disconnect, When::Always, failure));
    let failed = attachments::delete(cx, caller, id).await.expect_err("broken");
    assert!(matches!(failed, Refusal::Failed(_)), "{failed}");
    assert_eq!(stage.statuses(volume).await, (VolumeStatus::InUse, AttachStatus::Attached));
    assert_eq!(stage.sim.exported().len(), 1, "the host may still use it");
    stage.sim.clear_plan();
    stage.deleted(id).await;
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_is_down_is_a_503_at_once_and_nothing_is_written() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let mut late = cx.clone();
    let mut settings = (*late.settings).clone();
    settings.service_down_time = Duration::ZERO;
    late.settings = settings.into();
    tokio::time::sleep(Duration::from_millis(5)).await;
    let wish = Wish { connector: Some(connector("one")), ..wish(volume, SERVER) };
    let refused = attachments::create(&late, caller, wish).await.expect_err("down");
    assert!(matches!(refused, Refusal::Unavailable(_)), "{refused}");
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_too_long_is_told_and_the_operation_goes_on() {
    let mut settings = SimSettings::new("sim", vec![SimPool::thin("pool", 1000)]);
    settings.latency = Duration::from_millis(200);
    let sim = Sim::new(settings);
    let mut plan = Plan::with_sim(&sim);
    plan.settings.answer_within = Duration::from_millis(1);
    let stage = Stage::planned(&sim, plan).await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.reserved(volume, SERVER).await;
    let late = attachments::update(cx, caller, id, connector("one")).await.expect_err("late");
    assert!(matches!(late, Refusal::Unavailable(_)), "{late}");
    stage.cloud.quiet().await;
    let mut tx = stage.cloud.db.read().await.expect("reads");
    let kept = rows::get(&mut tx, id).await.expect("ok").expect("there");
    assert_eq!(kept.attachment.attach_status, AttachStatus::Attaching);
    assert!(kept.connection_info.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_than_a_bounded_number_wait_for_a_volume() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.reserved(volume, SERVER).await;
    let backend = stage.row(volume).await.host.expect("placed").backend();
    let mut places = Vec::new();
    while let Ok(place) = cx.waiting.place(&backend, volume) {
        places.push(place);
    }
    let refused = attachments::update(cx, caller, id, connector("one")).await.expect_err("full");
    assert!(matches!(refused, Refusal::Unavailable(_)), "{refused}");
    drop(places);
    attachments::update(cx, caller, id, connector("one")).await.expect("connected");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_never_connected_is_removed_while_the_backend_is_down() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.reserved(volume, SERVER).await;
    stage.sim.plan(PlannedFailure::before(Call::EnsureExport, When::Always, FailureKind::Broken));
    attachments::update(cx, caller, id, connector("one")).await.expect_err("broken");
    stage.sim.clear_plan();
    // The look after the exports tells the backend what it may have missed.
    let mut tx = stage.cloud.db.begin().await.expect("begins");
    let now = cx.clock.now();
    volumes::withdrawn(&mut tx, volume, now).await.expect("told");
    tx.commit().await.expect("commits");
    let mut late = cx.clone();
    let mut settings = (*late.settings).clone();
    settings.service_down_time = Duration::ZERO;
    late.settings = settings.into();
    tokio::time::sleep(Duration::from_millis(5)).await;
    attachments::delete(&late, caller, id).await.expect("a row alone");
    stage.expect_free(volume).await;
}

/// Waits until so many volumes are offered.
async fn wait_for_exports(sim: &Sim, count: usize) {
    for _ in 0..6000 {
        if sim.exported().len() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not {count}: {:?}", sim.exported());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_target_software_forgets_is_offered_again_in_the_same_way() {
    let sim = cloud::sim();
    let mut plan = Plan::with_sim(&sim);
    plan.report_interval = Duration::from_millis(50);
    let stage = Stage::planned(&sim, plan).await;
    let volume = stage.volume().await;
    let free = stage.volume().await;
    let id = stage.attached(volume, SERVER, "one").await;
    let gone = stage.attached(free, OTHER, "one").await;
    stage.deleted(gone).await;
    let name = format!("volume-{volume}");
    let before = sim.export("pool", &name).expect("offered").export;
    sim.lose_exports();
    wait_for_exports(&sim, 1).await;
    assert_eq!(sim.export("pool", &name).expect("offered again").export, before);

    // A withdrawal that the backend could not do is done later.
    let failure = PlannedFailure::before(Call::DestroyExport, When::Always, FailureKind::Broken);
    sim.plan(failure);
    stage.deleted(id).await;
    assert_eq!(sim.exported().len(), 1);
    sim.clear_plan();
    wait_for_exports(&sim, 0).await;
    stage.expect_free(volume).await;
}
