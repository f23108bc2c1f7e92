//! When a backend reports, and what its reports leave out.

use std::sync::Arc;
use std::time::Duration;

use ashlar_db::holds::{self, Taking};
use ashlar_db::{Db, DbError, pools, testing, transact};
use ashlar_drivers::sim::{Sim, SimPool, SimSettings};
use ashlar_drivers::{Driver, VolumeRef};
use ashlar_operations::Settings;
use ashlar_types::{BackendName, Clock, FlowId, Gib, Pool, PoolName};
use tokio_util::sync::CancellationToken;

use crate::{Backend, VolumeService};

/// Longer than any test.
const NEVER: Duration = Duration::from_secs(3600);

fn name() -> BackendName {
    BackendName::new("node", "sim")
}

fn pool() -> PoolName {
    name().pool("pool")
}

fn backend(db: &Db, sim: &Sim) -> Backend {
    Backend {
        db: db.clone(),
        clock: Clock::System,
        settings: Arc::new(Settings::default()),
        name: name(),
        availability_zone: "nova".to_owned(),
        driver: Arc::new(sim.clone()),
        max_attempts: 3,
        report_interval: NEVER,
        stats_interval: NEVER,
        service_uuid: None,
        images: None,
        cache: None,
        freed: Arc::default(),
        turns: Default::default(),
    }
}

async fn found(db: &Db) -> Pool {
    let mut tx = db.read().await.expect("reads");
    pools::list_all(&mut tx).await.expect("ok").pop().expect("reported")
}

/// Waits until the pool is reported with so much free space.
async fn wait_for_free(db: &Db, gib: f64) {
    for _ in 0..3000 {
        if found(db).await.stats.capacity("free_capacity_gb").gib() == Some(gib) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never reported: {:?}", found(db).await);
}

#[tokio::test]
async fn what_is_removed_is_reported_before_the_next_turn() {
    let test = testing::sqlite().await;
    let sim = Sim::new(SimSettings::new("sim", vec![SimPool::thick("pool", 100)]));
    let volume = VolumeRef { name: "volume-1", pool: "pool", size: Gib(40) };
    sim.ensure_volume(volume).await.expect("made");
    let service = VolumeService::start(vec![backend(&test.db, &sim)]).await.expect("starts");
    wait_for_free(&test.db, 60.0).await;
    let freed = Arc::clone(&service.contexts()["node@sim"].freed);
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { service.run(stop).await }
    });
    for free in [100.0, 60.0, 100.0] {
        if free < 100.0 {
            sim.ensure_volume(volume).await.expect("made");
        } else {
            sim.destroy_volume(volume).await.expect("removed");
        }
        // However often it is rung.
        for _ in 0..3 {
            freed.notify_one();
        }
        wait_for_free(&test.db, free).await;
    }
    stop.cancel();
    running.await.expect("it ends");
}

#[tokio::test]
async fn a_report_knows_what_was_settled_before_it_was_asked_for_and_nothing_later() {
    let test = testing::sqlite().await;
    let sim = Sim::new(SimSettings::new("sim", vec![SimPool::thick("pool", 100)]));
    let backend = backend(&test.db, &sim);
    backend.report().await.expect("reported");
    let flows = [FlowId::fresh(), FlowId::fresh(), FlowId::fresh()];
    let (pool, now) = (pool(), Clock::System.now());
    let take = async |at: usize, gib: u64| {
        let flow = flows[at];
        let taking = Taking { flow, resource_id: "v", pool: &pool, gib: Gib(gib), volumes: 1 };
        let done: Result<(), DbError> =
            transact!(test.db, tx => holds::take(tx, &taking, now).await);
        done.expect("held");
    };
    let settle = async |at: usize| {
        let done: Result<(), DbError> =
            transact!(test.db, tx => holds::settle(tx, flows[at]).await);
        done.expect("settled");
    };
    take(0, 1).await;
    settle(0).await;
    assert_eq!(found(&test.db).await.unreported, 1);
    let asked = backend.ask().await.expect("asked");
    take(1, 2).await;
    settle(1).await;
    take(2, 4).await;
    let stats = sim.stats().await.expect("measured");
    let zone = &backend.availability_zone;
    let done: Result<bool, DbError> = transact!(test.db, tx =>
        pools::report(tx, &name(), zone, &stats, &asked, Clock::System.now()).await);
    assert!(done.expect("reported"));
    assert_eq!((found(&test.db).await.unreported, found(&test.db).await.held), (6, 4));
    backend.report().await.expect("reported");
    assert_eq!(found(&test.db).await.unreported, 4);
}

#[tokio::test]
async fn a_report_that_cannot_know_of_all_that_is_taken_is_followed_by_one_that_does() {
    let place = testing::sqlite().await;
    let db = place.db.clone();
    let sim = Sim::new(SimSettings::new("sim", vec![SimPool::thick("pool", 100)]));
    let backend = backend(&db, &sim);
    backend.report().await.expect("reported");
    let flow = FlowId::fresh();
    let pool = pool();
    let taking = Taking { flow, resource_id: "v", pool: &pool, gib: Gib(30), volumes: 1 };
    let taken: Result<(), DbError> =
        transact!(db, tx => holds::take(tx, &taking, Clock::System.now()).await);
    taken.expect("it can be taken");
    let freed = Arc::clone(&backend.freed);
    let stop = CancellationToken::new();
    let ends = stop.clone();
    let running = tokio::spawn(async move { backend.run(ends).await });
    // The report that is asked for now finds the hold, and cannot know whether it is made.
    freed.notify_one();
    let before = found(&db).await.asked_at;
    while found(&db).await.asked_at == before {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(found(&db).await.unreported, 30);
    let settled: Result<(), DbError> = transact!(db, tx => holds::settle(tx, flow).await);
    settled.expect("it can be settled");
    while found(&db).await.unreported != 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.cancel();
    running.await.expect("it ends");
}
