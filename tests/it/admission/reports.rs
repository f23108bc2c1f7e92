//! Reports that are late, old, or come in the midst: never is there more room than there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ashlar_db::pools::{self, Asked};
use ashlar_db::{Db, DbError, transact};
use ashlar_drivers::Driver as _;
use ashlar_drivers::error::FailureKind;
use ashlar_drivers::sim::{Call, PlannedFailure, Sim, When};
use ashlar_testkit::cloud::HOST;
use ashlar_testkit::make::id_of;
use ashlar_types::{BackendName, Clock, PoolStats};
use serde_json::json;

use super::mix::Mix;
use super::{Ground, TOTAL, UNIT, grounds, pool, take, thick_grounds, until_room};

fn backend() -> BackendName {
    BackendName::new(HOST, "sim")
}

async fn ask(db: &Db) -> Asked {
    let mut tx = db.read().await.expect("the database answers");
    pools::ask(&mut tx, &backend(), Clock::System.now())
        .await
        .expect("the backend's pools are known")
}

/// What the volume service does with an answer; whether it was taken in.
async fn store(db: &Db, asked: &Asked, stats: &[PoolStats]) -> bool {
    let now = Clock::System.now();
    let done: Result<bool, DbError> = transact!(db, tx =>
        pools::report(tx, &backend(), "nova", stats, asked, now).await);
    done.expect("the report is stored")
}

async fn stats(sim: &Sim) -> Vec<PoolStats> {
    sim.stats().await.expect("the backend answers")
}

/// A report as of now.
pub(super) async fn report(ground: &Ground) {
    let db = &ground.cloud.db;
    let asked = ask(db).await;
    let stats = stats(&ground.sim).await;
    assert!(store(db, &asked, &stats).await, "the report is old");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_comes_late_does_not_hide_what_was_made_meanwhile() {
    for ground in grounds().await {
        let admin = ground.cloud.admin();
        let db = &ground.cloud.db;
        let asked = ask(db).await;
        let empty = stats(&ground.sim).await;
        assert_eq!(take(&ground, &admin, 30).await, 30);
        assert!(store(db, &asked, &empty).await, "it is the newest");
        let left = ground.limit - 30 * UNIT;
        until_room(db, left).await;
        assert_eq!(take(&ground, &admin, left / UNIT + 20).await, left / UNIT);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_was_overtaken_is_ignored() {
    for ground in grounds().await {
        let admin = ground.cloud.admin();
        let db = &ground.cloud.db;
        let asked = ask(db).await;
        let empty = stats(&ground.sim).await;
        assert_eq!(take(&ground, &admin, 30).await, 30);
        report(&ground).await;
        let newest = pool(db).await;
        assert!(!store(db, &asked, &empty).await, "a newer one is there");
        assert_eq!(pool(db).await, newest);
        let left = ground.limit - 30 * UNIT;
        assert_eq!(take(&ground, &admin, left / UNIT + 20).await, left / UNIT);
    }
}

/// A backend that answers from memory, such as one that counts every few minutes: the tables know better.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_tells_old_figures_is_not_believed_beyond_what_we_know() {
    for ground in grounds().await {
        let admin = ground.cloud.admin();
        let db = &ground.cloud.db;
        let empty = stats(&ground.sim).await;
        assert_eq!(take(&ground, &admin, 30).await, 30);
        let asked = ask(db).await;
        assert!(store(db, &asked, &empty).await, "it is the newest");
        let left = ground.limit - 30 * UNIT;
        until_room(db, left).await;
        assert_eq!(take(&ground, &admin, left / UNIT + 20).await, left / UNIT);
    }
}

/// The backend has it already and it is still held, so both the report and the hold count it: there is less room than
/// could be, until the report that comes after it is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_being_made_while_the_backend_answers_is_counted_right_with_the_next_report() {
    for ground in thick_grounds().await {
        let admin = ground.cloud.admin();
        let db = &ground.cloud.db;
        let source = admin.volume(UNIT).await;
        // It makes the copy and its answer is lost, so that the task is repeated for as long as this is so.
        let lost = PlannedFailure::after(Call::EnsureClone, When::Always, FailureKind::Busy);
        ground.sim.plan(lost);
        let copy = json!({ "size": UNIT, "source_volid": source });
        let made = id_of(&admin.create_volume(copy).await);
        while ground.sim.list().await.expect("the backend answers").len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        report(&ground).await;
        until_room(db, TOTAL - 3 * UNIT).await;
        ground.sim.clear_plan();
        admin.wait_for("volumes", &made, "available").await;
        report(&ground).await;
        until_room(db, TOTAL - 2 * UNIT).await;
        assert_eq!(take(&ground, &admin, TOTAL / UNIT).await, TOTAL / UNIT - 2);
    }
}

/// What was removed after the backend was asked is free, but not yet reported: it counts as taken until it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_removed_while_the_backend_answers_is_free_with_the_next_report() {
    for ground in thick_grounds().await {
        let admin = ground.cloud.admin();
        let db = &ground.cloud.db;
        let volume = admin.volume(UNIT).await;
        assert_eq!(take(&ground, &admin, TOTAL / UNIT).await, TOTAL / UNIT - 1);
        let asked = ask(db).await;
        let full = stats(&ground.sim).await;
        let _ = admin.delete(&format!("/volumes/{volume}")).await.expect(202);
        admin.wait_gone("volumes", &volume).await;
        // The volume service reports as well, perhaps before this one is stored.
        store(db, &asked, &full).await;
        until_room(db, UNIT).await;
        assert_eq!(take(&ground, &admin, 5).await, 1);
    }
}

/// Reports that are asked for, wait, and are taken in at any moment, several under way at once, while everything is
/// taken and given back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_at_any_moment_never_make_room_that_is_not_there() {
    for ground in grounds().await {
        let admin = ground.cloud.admin();
        let mix = Mix::prepare(&admin).await;
        let watch = ground.watch();
        let stop = Arc::new(AtomicBool::new(false));
        let reporters: Vec<_> = (0..3).map(|_| reporter(&ground, &stop)).collect();
        mix.all_at_once(&admin).await;
        ground.cloud.check().await;
        mix.remove(&admin).await;
        take(&ground, &admin, 40).await;
        stop.store(true, Ordering::SeqCst);
        let mut taken_in = 0;
        for reporter in reporters {
            taken_in += reporter.await.expect("it reports until the end");
        }
        assert!(taken_in > 3, "only {taken_in} reports were taken in");
        // What was counted twice is counted once when nothing is under way, and then the last room is taken.
        report(&ground).await;
        let left = ground.limit - ground.allocated().await;
        until_room(&ground.cloud.db, left).await;
        assert_eq!(take(&ground, &admin, left / UNIT + 20).await, left / UNIT);
        watch.end().await;
    }
}

/// Asks and stores again and again, with a pause of any length before and after the backend looks. Answers how many
/// were taken in.
fn reporter(ground: &Ground, stop: &Arc<AtomicBool>) -> tokio::task::JoinHandle<u64> {
    let (db, sim, stop) = (ground.cloud.db.clone(), ground.sim.clone(), Arc::clone(stop));
    let pause = || tokio::time::sleep(Duration::from_millis(rand::random_range(0..20)));
    tokio::spawn(async move {
        let mut taken_in = 0;
        while !stop.load(Ordering::SeqCst) {
            let asked = ask(&db).await;
            pause().await;
            let stats = stats(&sim).await;
            pause().await;
            taken_in += u64::from(store(&db, &asked, &stats).await);
        }
        taken_in
    })
}
