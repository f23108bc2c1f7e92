//! Pools: what their backends report, what our rows say, and which of them can be used.

use std::time::Duration;

use ashlar_db::pools::{Figures, Taken};
use ashlar_db::testing::{TestDb, databases};
use ashlar_db::{DbError, holds, pools, services, transact};
use ashlar_types::{
    Availability, BackendName, Capacity, Pool, PoolName, PoolStats, Report, Timestamp, VolumeStatus,
};
use serde_json::json;

use crate::holds::take;
use crate::made::{NOW, at, insert, insert_snapshot, pool, run, snapshot, volume};

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

/// A report of these pools, asked for and taken in at the same moment.
pub(crate) async fn report(test: &TestDb, names: &[&str]) {
    assert!(report_at(test, names, NOW, NOW).await);
}

async fn report_at(test: &TestDb, names: &[&str], asked: Timestamp, now: Timestamp) -> bool {
    let all: Vec<_> = names.iter().map(|name| stats(name)).collect();
    let done: Result<bool, DbError> = transact!(test.db, tx => async {
        let asked = pools::ask(tx, &backend(), asked).await?;
        pools::report(tx, &backend(), "z", &all, &asked, now).await
    }.await);
    done.expect("reported")
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
        let mut expected = Report::from(stats("pool"));
        expected.set("allocated_capacity_gb", 2);
        assert_eq!((&*mine.stats, mine.availability_zone.as_str()), (&expected, "z"));
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
            let found = pools::list_usable(&mut tx, NOW, DOWN).await.expect("ok");
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
        take(&mut tx, "v1", &pool(), 5, 1).await;
        let taken = Taken { allocated: 2, held: 5, volumes: 1, making: 1 };
        let corrected = pools::correct(&mut tx, &backend()).await.expect("ok");
        assert_eq!(corrected, [(pool(), taken)]);
        assert_eq!(pools::correct(&mut tx, &backend()).await.expect("ok"), []);
        tx.commit().await.expect("ok");
        let mine = all(&test).await.into_iter().find(|p| p.name == pool()).expect("there");
        assert_eq!((mine.allocated, mine.held, mine.volumes), (2, 5, 1));
    }
}

#[tokio::test]
async fn what_no_report_knows_of_follows_what_is_held_when_that_is_corrected() {
    for test in databases().await {
        report(&test, &["pool"]).await;
        let mut tx = test.db.begin().await.expect("begins");
        let flow = take(&mut tx, "v1", &pool(), 5, 1).await;
        holds::settle(&mut tx, flow).await.expect("ok");
        insert_one(&mut tx, 5).await;
        take(&mut tx, "v2", &pool(), 3, 0).await;
        tx.commit().await.expect("ok");
        for (spoil, unreported) in [
            ("held = 1, unreported = 6", 8),
            ("held = 9, unreported = 14", 8),
            ("unreported = 2", 3),
            ("making = 7", 3),
        ] {
            run(&test, &format!("UPDATE ashlar_pools SET {spoil}"), &[]).await;
            let mut tx = test.db.begin().await.expect("begins");
            let corrected = pools::correct(&mut tx, &backend()).await.expect("ok");
            let taken = Taken { allocated: 5, held: 3, volumes: 1, making: 0 };
            assert_eq!(corrected, [(pool(), taken)], "{spoil}");
            tx.commit().await.expect("ok");
            assert_eq!(all(&test).await[0].unreported, unreported, "{spoil}");
        }
    }
}

async fn insert_one(tx: &mut ashlar_db::Tx, gib: u64) {
    let mut there = volume("p");
    there.size = ashlar_types::Gib(gib);
    ashlar_db::volumes::insert(tx, &there, &Default::default()).await.expect("ok");
}

#[tokio::test]
async fn a_pool_is_known_with_the_state_of_its_service() {
    for test in databases().await {
        report(&test, &["pool"]).await;
        let seen = async |now| {
            let mut tx = test.db.read().await.expect("reads");
            let listed = pools::list(&mut tx, now, DOWN).await.expect("ok");
            let figures = pools::figures(&mut tx, now, DOWN).await.expect("ok");
            let usable = pools::list_usable(&mut tx, now, DOWN).await.expect("ok");
            assert_eq!(figures[0].availability, listed[0].availability);
            assert_eq!(usable.len(), usize::from(listed[0].availability == Availability::Up));
            listed[0].availability
        };
        assert_eq!(seen(NOW).await, Availability::Down, "no service");
        let mut tx = test.db.begin().await.expect("begins");
        let host = backend();
        let host = host.as_str();
        services::heartbeat(&mut tx, host, services::VOLUME, "z", NOW).await.expect("ok");
        services::heartbeat(&mut tx, host, services::SCHEDULER, "z", at(99)).await.expect("ok");
        tx.commit().await.expect("ok");
        assert_eq!(seen(at(60)).await, Availability::Up);
        assert_eq!(seen(at(61)).await, Availability::Down, "silent");
        let mut tx = test.db.begin().await.expect("begins");
        let off = services::set_disabled(&mut tx, host, services::VOLUME, true, Some("x"), NOW);
        assert!(off.await.expect("ok"));
        tx.commit().await.expect("ok");
        assert_eq!(seen(at(61)).await, Availability::Disabled);
        let mut tx = test.db.begin().await.expect("begins");
        let on = services::set_disabled(&mut tx, host, services::VOLUME, false, None, NOW);
        assert!(on.await.expect("ok"));
        assert!(services::set_frozen(&mut tx, &backend(), true, NOW).await.expect("ok"));
        assert!(!services::set_frozen(&mut tx, &backend(), true, NOW).await.expect("ok"));
        tx.commit().await.expect("ok");
        assert_eq!(seen(NOW).await, Availability::Frozen);
        let mut tx = test.db.begin().await.expect("begins");
        assert!(services::set_frozen(&mut tx, &backend(), false, NOW).await.expect("ok"));
        tx.commit().await.expect("ok");
        assert_eq!(seen(NOW).await, Availability::Up);
        insert(&test, &volume("p")).await;
        run(&test, "UPDATE ashlar_pools SET volumes = 1", &[]).await;
        report(&test, &[]).await;
        assert_eq!(seen(NOW).await, Availability::Unreported);
    }
}

#[tokio::test]
async fn a_report_that_was_asked_for_earlier_is_ignored() {
    for test in databases().await {
        assert!(report_at(&test, &["pool"], at(10), at(11)).await);
        assert!(!report_at(&test, &["pool", "more"], at(9), at(12)).await);
        assert_eq!(all(&test).await.len(), 1);
        assert!(report_at(&test, &["pool"], at(10), at(12)).await, "at the same moment");
        assert_eq!(all(&test).await[0].asked_at, Timestamp::from_micros(at(10).micros() + 1));
        // The stored one is from the future.
        assert!(report_at(&test, &["pool"], at(1), at(2)).await, "the clock was set back");
        assert_eq!(all(&test).await[0].asked_at, Timestamp::from_micros(at(10).micros() + 2));
    }
}

#[tokio::test]
async fn figures_come_without_reports_and_reports_of_just_some() {
    for test in databases().await {
        report(&test, &["a", "b", "pool"]).await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        take(tx, "v1", &pool(), 5, 1).await;
        let figures = pools::figures(tx, NOW, DOWN).await.expect("ok");
        let names: Vec<_> = figures.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names, ["node@file#a", "node@file#b", "node@file#pool"]);
        let expected = Figures {
            name: pool(),
            availability_zone: "z".to_owned(),
            availability: Availability::Down,
            asked_at: NOW,
            allocated: 0,
            held: 5,
            unreported: 5,
            volumes: 0,
            making: 1,
            version: 2,
        };
        assert_eq!(figures[2], expected);
        let wanted = [pool(), PoolName("none".to_owned()), backend().pool("a")];
        let mut reports = pools::reports(tx, &wanted).await.expect("ok");
        reports.sort_by(|one, two| one.name.cmp(&two.name));
        assert_eq!(reports.len(), 2);
        assert_eq!((&reports[1].name, reports[1].asked_at), (&pool(), NOW));
        assert_eq!(reports[1].stats.get("vendor_name"), Some(&json!("Ün")));
        let whole = pools::lock(tx, &pool()).await.expect("ok").expect("there");
        let up = Figures { availability: Availability::Up, ..expected };
        assert_eq!(up.with(std::sync::Arc::clone(&reports[1].stats)), whole);
        assert!(pools::reports(tx, &[]).await.expect("ok").is_empty());
    }
}

#[tokio::test]
async fn pools_are_locked_by_name_each_once() {
    for test in databases().await {
        report(&test, &["a", "b", "c"]).await;
        let mut tx = test.db.begin().await.expect("begins");
        let wanted = ["c", "none", "a", "c"].map(|name| backend().pool(name));
        let found = pools::lock_all(&mut tx, &wanted).await.expect("ok");
        let names: Vec<_> = found.iter().map(|pool| pool.name.as_str()).collect();
        assert_eq!(names, ["node@file#a", "node@file#c"]);
        assert_eq!(pools::lock_all(&mut tx, &[]).await.expect("ok"), []);
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
        let flow = take(tx, &making.id.to_string(), &pool(), 1, 1).await;
        let expected = Taken { allocated: 2, held: 1, volumes: 1, making: 1 };
        assert_eq!(pools::recount(tx, &pool()).await.expect("ok"), expected);
        // A volume that is made larger is there already, with its old size.
        take(tx, &ready.id.to_string(), &pool(), 4, 0).await;
        let expected = Taken { allocated: 2, held: 5, volumes: 1, making: 1 };
        assert_eq!(pools::recount(tx, &pool()).await.expect("ok"), expected);
        holds::release(tx, flow).await.expect("ok");
        let expected = Taken { allocated: 3, held: 4, volumes: 2, making: 0 };
        assert_eq!(pools::recount(tx, &pool()).await.expect("ok"), expected);
    }
}
