//! Every way of taking space goes through exact admission, and what is given back can be taken again: creates,
//! clones, snapshots and extends at once, failures, data of others, and reports of any age.

mod mix;
mod reports;

use ashlar_db::testing::{self, TestDb};
use ashlar_db::{Db, pools};
use ashlar_drivers::error::FailureKind;
use ashlar_drivers::sim::{Call, PlannedFailure, Sim, SimPool, SimSettings, When};
use ashlar_placement::{Provisioning, Rules};
use ashlar_testkit::wait::PATIENCE;
use ashlar_testkit::{Client, Cloud, Plan};
use ashlar_types::{Gib, Pool};
use futures::future::join_all;
use serde_json::json;

use crate::torture::watch::Watch;
use mix::Mix;

/// What each request of these tests takes, in GiB.
const UNIT: u64 = 10;
/// Size of the pool.
const TOTAL: u64 = 600;

/// A cloud with one pool, and what that may give out.
struct Ground {
    cloud: Cloud,
    sim: Sim,
    limit: u64,
}

impl Ground {
    fn watch(&self) -> Watch {
        let name = format!("{}@sim#pool", ashlar_testkit::cloud::HOST);
        Watch::start(&self.cloud.db, &[(name, self.limit)].into())
    }

    async fn allocated(&self) -> u64 {
        pool(&self.cloud.db).await.allocated
    }
}

/// A thick pool and a thin one that is sold half as much again, on a database of its own each.
async fn grounds() -> Vec<Ground> {
    let mut grounds = Vec::new();
    for place in testing::databases().await {
        grounds.push(ground(place, SimPool::thick("pool", TOTAL), TOTAL).await);
    }
    let ratio = Some(1.5);
    let thin = SimPool { max_over_subscription_ratio: ratio, ..SimPool::thin("pool", TOTAL) };
    for place in testing::databases().await {
        grounds.push(ground(place, thin.clone(), TOTAL * 3 / 2).await);
    }
    grounds
}

async fn thick_grounds() -> Vec<Ground> {
    let mut grounds = Vec::new();
    for place in testing::databases().await {
        grounds.push(ground(place, SimPool::thick("pool", TOTAL), TOTAL).await);
    }
    grounds
}

async fn ground(place: TestDb, pool: SimPool, limit: u64) -> Ground {
    let sim = Sim::new(SimSettings::new("sim", vec![pool]));
    let unlimited = [("volumes", -1), ("snapshots", -1), ("gigabytes", -1)];
    let cloud = Cloud::on(place, Plan::with_sim(&sim).limits(&unlimited)).await;
    Ground { cloud, sim, limit }
}

async fn pool(db: &Db) -> Pool {
    let mut tx = db.read().await.expect("the database answers");
    let mut found = pools::list_all(&mut tx).await.expect("pools can be listed");
    assert_eq!(found.len(), 1);
    found.remove(0)
}

/// Longer than a backend waits before it reports again after something was removed.
const NEXT_REPORT: std::time::Duration = std::time::Duration::from_millis(2500);

/// Waits until the pool would take so much more, and not a unit beyond it.
async fn until_room(db: &Db, gib: u64) {
    let rules = Rules::default();
    for _ in 0..PATIENCE.as_millis() / 20 {
        let pool = pool(db).await;
        let fits = |gib| rules.admit(&pool, Gib(gib), Provisioning::Thin).is_ok();
        if fits(gib) {
            assert!(!fits(gib + 1), "there is too much room: {pool:?}");
            // What was removed last may call for one more report, a second after this one. It would count what the
            // test makes next twice for a moment, and so refuse some of it.
            tokio::time::sleep(NEXT_REPORT).await;
            if self::pool(db).await.asked_at == pool.asked_at {
                return;
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the room does not come back: {:?}", pool(db).await);
}

/// Asks for volumes of a unit at once, and waits until all are decided; how many have become available.
async fn take(ground: &Ground, client: &Client, volumes: u64) -> u64 {
    let before = ground.allocated().await;
    let asking = (0..volumes).map(|_| client.create_volume(json!({ "size": UNIT })));
    join_all(asking).await;
    ground.cloud.check().await;
    (ground.allocated().await - before) / UNIT
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_at_once_fills_a_pool_to_the_last_gibibyte() {
    for ground in grounds().await {
        let admin = ground.cloud.admin();
        let mix = Mix::prepare(&admin).await;
        let watch = ground.watch();
        mix.all_at_once(&admin).await;
        ground.cloud.check().await;
        watch.end().await;
        assert_eq!(ground.allocated().await, ground.limit);
        mix::refused_for_want_of_room(&admin).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_removed_can_be_taken_again_when_it_is_reported() {
    for ground in grounds().await {
        let admin = ground.cloud.admin();
        let mix = Mix::prepare(&admin).await;
        mix.all_at_once(&admin).await;
        ground.cloud.check().await;
        let watch = ground.watch();
        mix.remove(&admin).await;
        ground.cloud.check().await;
        let left = ground.allocated().await;
        assert!(left < ground.limit, "nothing was removed");
        until_room(&ground.cloud.db, ground.limit - left).await;
        let fits = (ground.limit - left) / UNIT;
        assert_eq!(take(&ground, &admin, fits + 20).await, fits);
        watch.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_on_the_backend_gives_its_room_back() {
    for ground in grounds().await {
        let admin = ground.cloud.admin();
        let mix = Mix::prepare(&admin).await;
        let before = ground.allocated().await;
        let watch = ground.watch();
        // The work is done and has to be undone again.
        for call in [Call::EnsureVolume, Call::EnsureClone, Call::EnsureSnapshot] {
            ground.sim.plan(PlannedFailure::after(call, When::Always, FailureKind::Invalid));
        }
        let growth = PlannedFailure::before(Call::EnsureSize, When::Always, FailureKind::Invalid);
        ground.sim.plan(growth);
        mix.all_at_once(&admin).await;
        ground.cloud.check().await;
        ground.sim.clear_plan();
        assert_eq!(ground.allocated().await, before);
        until_room(&ground.cloud.db, ground.limit - before).await;
        let fits = (ground.limit - before) / UNIT;
        assert_eq!(take(&ground, &admin, fits + 20).await, fits);
        watch.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_have_in_a_pool_is_left_to_them() {
    for ground in thick_grounds().await {
        let admin = ground.cloud.admin();
        let mix = Mix::prepare(&admin).await;
        let before = ground.allocated().await;
        ground.sim.occupy("pool", Gib(200));
        reports::report(&ground).await;
        mix.all_at_once(&admin).await;
        ground.cloud.check().await;
        assert_eq!(ground.allocated().await, ground.limit - 200, "{before} before");
        // They leave half of it, and nothing changes until that is reported.
        ground.sim.occupy("pool", Gib(100));
        assert_eq!(take(&ground, &admin, 20).await, 0);
        reports::report(&ground).await;
        assert_eq!(take(&ground, &admin, 20).await, 100 / UNIT);
    }
}
