//! Pools, holds and decisions: capacity is promised once and never twice.

use std::time::Duration;

use ashlar_db::decisions::{self, Decision};
use ashlar_db::pools::Taken;
use ashlar_db::testing::{TestDb, databases};
use ashlar_db::{DbError, flows, holds, pools, services, transact};
use ashlar_flow::{NewFlow, Role, Subject};
use ashlar_types::{
    BackendName, Capacity, DecisionId, FlowId, Gib, Pool, PoolName, PoolStats, SnapshotId,
    VolumeId, VolumeStatus,
};

use crate::made::{NOW, at, insert, insert_snapshot, pool, snapshot, volume};

const DOWN: Duration = Duration::from_secs(60);

fn stats(name: &str) -> PoolStats {
    PoolStats {
        pool_name: name.to_owned(),
        total: Capacity::Gib(100.5),
        free: Capacity::Infinite,
        reserved_percentage: 5,
        max_over_subscription_ratio: None,
        thin: true,
        thick: false,
        capabilities: serde_json::Map::from_iter([("vendor_name".to_owned(), "Ün".into())]),
    }
}

fn backend() -> BackendName {
    BackendName::new("node", "file")
}

async fn report(test: &TestDb, names: &[&str]) {
    let all: Vec<_> = names.iter().map(|name| stats(name)).collect();
    let done: Result<(), DbError> =
        transact!(test.db, tx => pools::report(tx, &backend(), "z", &all, NOW).await);
    done.expect("reported");
}

async fn all(test: &TestDb) -> Vec<Pool> {
    let mut tx = test.db.read().await.expect("reads");
    pools::list_all(&mut tx).await.expect("ok")
}

#[tokio::test]
async fn a_report_makes_pools_keeps_our_figures_and_drops_what_is_empty() {
    for test in databases().await {
        let v = volume("p");
        insert(&test, &v).await;
        insert_snapshot(&test, &snapshot(&v)).await;
        report(&test, &["pool", "other"]).await;
        let found = all(&test).await;
        assert_eq!(found.len(), 2);
        let mine = found.iter().find(|p| p.name == pool()).expect("there");
        assert_eq!((mine.allocated, mine.volumes, mine.held, mine.version), (2, 1, 0, 1));
        assert_eq!((&mine.stats, mine.availability_zone.as_str()), (&stats("pool"), "z"));
        report(&test, &["third"]).await;
        let names: Vec<_> = all(&test).await.into_iter().map(|p| p.name.0).collect();
        assert_eq!(names, ["node@file#pool", "node@file#third"], "a pool with volumes stays");
        report(&test, &["pool", "third"]).await;
        let mine = all(&test).await.into_iter().find(|p| p.name == pool()).expect("there");
        assert_eq!((mine.allocated, mine.volumes, mine.version), (2, 1, 3));
    }
}

#[tokio::test]
async fn a_pool_that_its_backend_no_longer_reports_takes_nothing_new() {
    for test in databases().await {
        insert(&test, &volume("p")).await;
        let mut tx = test.db.begin().await.expect("begins");
        let host = backend();
        services::heartbeat(&mut tx, host.as_str(), services::VOLUME, "z", NOW).await.expect("ok");
        tx.commit().await.expect("ok");
        for (reported, wanted) in [
            (&["pool"][..], &["node@file#pool"][..]),
            (&["other"], &["node@file#other"]),
            (&["other", "pool"], &["node@file#other", "node@file#pool"]),
        ] {
            report(&test, reported).await;
            let mut tx = test.db.read().await.expect("reads");
            let found = pools::list(&mut tx, NOW, DOWN).await.expect("ok");
            let names: Vec<_> = found.iter().map(|pool| pool.name.as_str()).collect();
            assert_eq!(names, wanted);
        }
    }
}

#[tokio::test]
async fn figures_that_do_not_agree_with_the_rows_are_corrected() {
    for test in databases().await {
        report(&test, &["other", "pool"]).await;
        // As Cinder does it: rows, and no figures.
        let v = volume("p");
        insert(&test, &v).await;
        insert_snapshot(&test, &snapshot(&v)).await;
        let mut tx = test.db.begin().await.expect("begins");
        let flow = FlowId::random();
        holds::take(&mut tx, flow, "v1", &pool(), Gib(5), NOW).await.expect("ok");
        let taken = Taken { allocated: 2, held: 5, volumes: 1 };
        let corrected = pools::correct(&mut tx, &backend()).await.expect("ok");
        assert_eq!(corrected, [(pool(), taken)]);
        assert_eq!(pools::correct(&mut tx, &backend()).await.expect("ok"), []);
        tx.commit().await.expect("ok");
        let mine = all(&test).await.into_iter().find(|p| p.name == pool()).expect("there");
        assert_eq!((mine.allocated, mine.held, mine.volumes), (2, 5, 1));
    }
}

#[tokio::test]
async fn only_pools_whose_service_is_up_enabled_and_not_frozen_take_new_volumes() {
    for test in databases().await {
        report(&test, &["pool"]).await;
        let seen = async |now| {
            let mut tx = test.db.read().await.expect("reads");
            pools::list(&mut tx, now, DOWN).await.expect("ok").len()
        };
        assert_eq!(seen(NOW).await, 0, "no service");
        let mut tx = test.db.begin().await.expect("begins");
        let host = backend();
        let host = host.as_str();
        services::heartbeat(&mut tx, host, services::VOLUME, "z", NOW).await.expect("ok");
        tx.commit().await.expect("ok");
        assert_eq!(seen(at(60)).await, 1);
        assert_eq!(seen(at(61)).await, 0, "down");
        let mut tx = test.db.begin().await.expect("begins");
        let off = services::set_disabled(&mut tx, host, services::VOLUME, true, Some("x"), NOW);
        assert!(off.await.expect("ok"));
        tx.commit().await.expect("ok");
        assert_eq!(seen(NOW).await, 0, "disabled");
        let mut tx = test.db.begin().await.expect("begins");
        let on = services::set_disabled(&mut tx, host, services::VOLUME, false, None, NOW);
        assert!(on.await.expect("ok"));
        assert!(services::set_frozen(&mut tx, &backend(), true, NOW).await.expect("ok"));
        assert!(!services::set_frozen(&mut tx, &backend(), true, NOW).await.expect("ok"));
        tx.commit().await.expect("ok");
        assert_eq!(seen(NOW).await, 0, "frozen");
        let mut tx = test.db.begin().await.expect("begins");
        assert!(services::set_frozen(&mut tx, &backend(), false, NOW).await.expect("ok"));
        tx.commit().await.expect("ok");
        assert_eq!(seen(NOW).await, 1);
    }
}

#[tokio::test]
async fn a_hold_is_taken_once_and_released_or_settled_once() {
    for test in databases().await {
        report(&test, &["pool"]).await;
        let (one, two) = (FlowId::random(), FlowId::random());
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        for _ in 0..2 {
            holds::take(tx, one, "v1", &pool(), Gib(5), NOW).await.expect("ok");
        }
        holds::take(tx, two, "v2", &pool(), Gib(7), NOW).await.expect("ok");
        let figures = |p: Option<Pool>| p.map(|p| (p.held, p.allocated, p.volumes));
        assert_eq!(figures(pools::lock(tx, &pool()).await.expect("ok")), Some((12, 0, 0)));
        assert_eq!(holds::of_pool(tx, &pool()).await.expect("ok").len(), 2);
        for _ in 0..2 {
            holds::release(tx, one).await.expect("ok");
            holds::settle(tx, two, 1).await.expect("ok");
        }
        assert_eq!(figures(pools::lock(tx, &pool()).await.expect("ok")), Some((0, 7, 1)));
        assert!(holds::of_flow(tx, two).await.expect("ok").is_empty());
        pools::add_allocated(tx, &pool(), 3, 0).await.expect("ok");
        pools::add_allocated(tx, &pool(), -100, -100).await.expect("ok");
        assert_eq!(figures(pools::lock(tx, &pool()).await.expect("ok")), Some((0, 0, 0)));
        assert_eq!(pools::lock(tx, &PoolName("none".into())).await.expect("ok"), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn holds_that_are_taken_at_once_never_pass_the_capacity() {
    for test in databases().await {
        report(&test, &["pool"]).await;
        let mut tasks = Vec::new();
        for _ in 0..64 {
            let db = test.db.clone();
            tasks.push(tokio::spawn(async move {
                let held: Result<bool, DbError> = transact!(db, tx => async {
                    let found = pools::lock(tx, &pool()).await?;
                    let room = found.is_some_and(|p| p.allocated + p.held + 3 <= 50);
                    if room {
                        holds::take(tx, FlowId::random(), "v", &pool(), Gib(3), NOW).await?;
                    }
                    Ok::<_, DbError>(room)
                }.await);
                held.expect("the database works")
            }));
        }
        let mut held = 0;
        for task in tasks {
            held += u64::from(task.await.expect("ran"));
        }
        let mut tx = test.db.read().await.expect("reads");
        let counted = pools::recount(&mut tx, &pool()).await.expect("ok");
        assert_eq!((held, counted.held), (16, 48), "{:?}", test.db);
    }
}

/// The flow that makes a volume; the extend below has one of another name.
fn creation(id: FlowId, volume: &str) -> NewFlow {
    NewFlow {
        id,
        name: "create-volume",
        version: 1,
        state: "{}".into(),
        role: Role::Volume,
        target: None,
        subject: Subject {
            kind: "volume".into(),
            id: volume.into(),
            project_id: "p".into(),
            request_id: "req".into(),
        },
        at: NOW,
        turn: NOW,
    }
}

#[tokio::test]
async fn a_recount_leaves_to_the_hold_what_is_still_being_made() {
    for test in databases().await {
        report(&test, &["pool"]).await;
        let ready = volume("p");
        let mut making = volume("p");
        making.status = VolumeStatus::Creating;
        insert(&test, &ready).await;
        insert(&test, &making).await;
        insert_snapshot(&test, &snapshot(&ready)).await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let flow = FlowId::random();
        let id = making.id.to_string();
        flows::insert(tx, &creation(flow, &id), None).await.expect("ok");
        holds::take(tx, flow, &id, &pool(), Gib(1), NOW).await.expect("ok");
        let expected = Taken { allocated: 2, held: 1, volumes: 1 };
        assert_eq!(pools::recount(tx, &pool()).await.expect("ok"), expected);
        // A volume that is made larger is there already, with its old size.
        let larger = FlowId::random();
        holds::take(tx, larger, &ready.id.to_string(), &pool(), Gib(4), NOW).await.expect("ok");
        let expected = Taken { allocated: 2, held: 5, volumes: 1 };
        assert_eq!(pools::recount(tx, &pool()).await.expect("ok"), expected);
        holds::release(tx, flow).await.expect("ok");
        let expected = Taken { allocated: 3, held: 4, volumes: 2 };
        assert_eq!(pools::recount(tx, &pool()).await.expect("ok"), expected);
    }
}

#[tokio::test]
async fn decisions_are_told_in_order_and_old_ones_go() {
    for test in databases().await {
        let id = VolumeId::random();
        let decision = |attempt: u32, chosen: Option<PoolName>| Decision {
            id: DecisionId::random(),
            flow_id: FlowId::random(),
            volume_id: id,
            attempt,
            chosen,
            verdict: serde_json::json!({"ranked": [SnapshotId::random().to_string()], "n": 1.5}),
            created_at: at(u64::from(attempt)),
        };
        let (one, two) = (decision(1, None), decision(2, Some(pool())));
        let mut tx = test.db.begin().await.expect("begins");
        decisions::insert(&mut tx, &two).await.expect("ok");
        decisions::insert(&mut tx, &one).await.expect("ok");
        let found = decisions::of_volume(&mut tx, id).await.expect("ok");
        assert_eq!(found, [one, two.clone()]);
        assert_eq!(decisions::prune(&mut tx, at(2)).await.expect("ok"), 1);
        assert_eq!(decisions::of_volume(&mut tx, id).await.expect("ok"), [two]);
    }
}
