//! What the figures in force admit is really there: operations and reports in random order, the reports
//! late, stale and out of order, against a model of what lies on the backend.

use std::collections::BTreeMap;

use ashlar_db::holds::{self, Taking};
use ashlar_db::pools::{self, Asked};
use ashlar_db::testing::{TestDb, databases};
use ashlar_db::{DbError, transact};
use ashlar_types::{
    BackendName, Capacity, FlowId, Gib, Metadata, PoolName, PoolStats, Timestamp, Volume,
    VolumeStatus,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::made::{NOW, volume};

const TOTAL: i64 = 1000;
const POOLS: [&str; 2] = ["one", "two"];

/// Runs the body in a transaction.
macro_rules! db {
    ($world:expr, $tx:ident => $body:expr) => {{
        let done: Result<_, DbError> = transact!($world.test.db, $tx => $body.await);
        done.expect("the database works")
    }};
}

/// A volume on its way or there.
struct Thing {
    pool: usize,
    gib: u64,
    flow: FlowId,
    row: Volume,
    /// The driver has made it.
    made: bool,
    settled: bool,
}

/// A report on its way.
struct Pending {
    asked: Asked,
    /// Free space and what others have there, for each pool, once it was measured.
    measured: Option<Vec<(i64, i64)>>,
}

struct World<'a> {
    test: &'a TestDb,
    rng: StdRng,
    clock: i64,
    things: Vec<Thing>,
    /// What others have on the backend now, and had when the report in force was measured.
    foreign: Vec<(i64, i64)>,
    pending: Vec<Pending>,
    refused: u32,
    late: u32,
}

fn backend() -> BackendName {
    BackendName::new("node", "thick")
}

fn name(pool: usize) -> PoolName {
    backend().pool(POOLS[pool])
}

impl World<'_> {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(NOW.micros() + self.clock)
    }

    fn chance(&mut self, below: usize) -> usize {
        self.rng.random_range(0..below)
    }

    /// Any of the things that are in this state.
    fn pick(&mut self, wanted: impl Fn(&Thing) -> bool) -> Option<usize> {
        let fit: Vec<usize> =
            (0..self.things.len()).filter(|at| wanted(&self.things[*at])).collect();
        if fit.is_empty() { None } else { Some(fit[self.rng.random_range(0..fit.len())]) }
    }

    fn on_backend(&self, pool: usize) -> i64 {
        let made = self.things.iter().filter(|thing| thing.pool == pool && thing.made);
        made.map(|thing| thing.gib as i64).sum()
    }

    /// A scheduler admits what the figures in force have room for.
    async fn take(&mut self) {
        let (pool, gib) = (self.chance(2), self.rng.random_range(1..=60));
        let (name, flow, now) = (name(pool), FlowId::fresh(), self.now());
        let mut row = volume("p");
        (row.size, row.host, row.status) = (Gib(gib), Some(name.clone()), VolumeStatus::Creating);
        let taken = db!(self, tx => async {
            let found = pools::lock(tx, &name).await?.expect("reported");
            if free_in_force(&found) < gib as i64 {
                return Ok(false);
            }
            let resource_id = &row.id.to_string();
            let taking = Taking { flow, resource_id, pool: &name, gib: Gib(gib), volumes: 1 };
            holds::take(tx, &taking, now).await?;
            ashlar_db::volumes::insert(tx, &row, &Metadata::new()).await?;
            Ok(true)
        });
        if taken {
            self.things.push(Thing { pool, gib, flow, row, made: false, settled: false });
        } else {
            self.refused += 1;
        }
    }

    async fn settle(&mut self) {
        let Some(at) = self.pick(|thing| thing.made && !thing.settled) else { return };
        let flow = self.things[at].flow;
        db!(self, tx => holds::settle(tx, flow));
        self.things[at].settled = true;
    }

    /// A create that fails: what was made goes first.
    async fn release(&mut self) {
        let Some(at) = self.pick(|thing| !thing.settled) else { return };
        let (thing, now) = (self.things.swap_remove(at), self.now());
        db!(self, tx => async {
            holds::release(tx, thing.flow).await?;
            ashlar_db::volumes::destroy(tx, thing.row.id, now).await.map(drop)
        });
    }

    async fn delete(&mut self) {
        let Some(at) = self.pick(|thing| thing.settled) else { return };
        let (thing, now) = (self.things.swap_remove(at), self.now());
        db!(self, tx => async {
            ashlar_db::volumes::destroy(tx, thing.row.id, now).await?;
            pools::add_allocated(tx, &name(thing.pool), -(thing.gib as i64), -1).await
        });
    }

    async fn ask(&mut self) {
        let now = self.now();
        let asked = db!(self, tx => pools::ask(tx, &backend(), now));
        self.pending.push(Pending { asked, measured: None });
    }

    fn measure(&mut self, at: usize) {
        let measured = (0..POOLS.len()).map(|pool| {
            let foreign = self.foreign[pool].0;
            (TOTAL - foreign - self.on_backend(pool), foreign)
        });
        self.pending[at].measured = Some(measured.collect());
    }

    /// A report arrives, perhaps long after one that was asked for later.
    async fn deliver(&mut self, at: usize) {
        let Pending { asked, measured: Some(measured) } = self.pending.swap_remove(at) else {
            return;
        };
        let stats: Vec<PoolStats> = measured
            .iter()
            .zip(POOLS)
            .map(|((free, _), pool_name)| PoolStats {
                pool_name: pool_name.to_owned(),
                total: Capacity::Gib(TOTAL as f64),
                free: Capacity::Gib(*free as f64),
                reserved_percentage: 0,
                max_over_subscription_ratio: None,
                thin: false,
                thick: true,
                capabilities: serde_json::Map::new(),
            })
            .collect();
        let now = self.now();
        if db!(self, tx => pools::report(tx, &backend(), "z", &stats, &asked, now)) {
            for (pool, (_, foreign)) in measured.into_iter().enumerate() {
                self.foreign[pool].1 = foreign;
            }
        } else {
            self.late += 1;
        }
    }

    async fn step(&mut self) {
        self.clock += self.rng.random_range(0..3);
        match self.chance(20) {
            0..=5 => self.take().await,
            6..=9 => {
                if let Some(at) = self.pick(|thing| !thing.made) {
                    self.things[at].made = true;
                }
            }
            10..=11 => self.settle().await,
            12 => self.release().await,
            13 => self.delete().await,
            14 => self.ask().await,
            15..=16 if !self.pending.is_empty() => {
                let at = self.chance(self.pending.len());
                self.measure(at);
            }
            17 if !self.pending.is_empty() => {
                let at = self.chance(self.pending.len());
                self.deliver(at).await;
            }
            // Others come and go; now and then the clock is set back, or nothing is wrong and all is counted.
            18 => {
                let pool = self.chance(2);
                self.foreign[pool].0 = self.rng.random_range(0..200);
            }
            19 if self.chance(10) == 0 => self.clock -= 1000,
            19 => {
                let corrected = db!(self, tx => pools::correct(tx, &backend()));
                assert_eq!(corrected, [], "the figures follow the rows");
            }
            _ => {}
        }
    }

    async fn check(&self, what: &str) {
        let mut tx = self.test.db.read().await.expect("reads");
        for (pool, found) in pools::list_all(&mut tx).await.expect("ok").iter().enumerate() {
            let mine = || self.things.iter().filter(|thing| thing.pool == pool);
            let sum = |settled| mine().filter(|t| t.settled == settled).map(|t| t.gib).sum();
            let count = |settled| mine().filter(|t| t.settled == settled).count() as u64;
            let figures = (found.allocated, found.held, found.volumes, found.making);
            assert_eq!(figures, (sum(true), sum(false), count(true), count(false)), "{what}");
            assert!(found.unreported >= found.held, "{what}: {found:?}");
            let to_come: u64 = mine().filter(|thing| !thing.made).map(|thing| thing.gib).sum();
            let promised = self.on_backend(pool) + to_come as i64;
            let really = TOTAL - self.foreign[pool].1 - promised;
            assert!(free_in_force(found) <= really, "{what}: {really} GiB are free: {found:?}");
        }
    }
}

/// What a scheduler may still promise.
fn free_in_force(pool: &ashlar_types::Pool) -> i64 {
    let free = pool.stats.capacity("free_capacity_gb").gib().expect("a number");
    free as i64 - pool.unreported as i64
}

async fn begin(test: &TestDb, seed: u64) -> World<'_> {
    let mut world = World {
        test,
        rng: StdRng::seed_from_u64(seed),
        clock: 0,
        things: Vec::new(),
        foreign: vec![(50, 50); POOLS.len()],
        pending: Vec::new(),
        refused: 0,
        late: 0,
    };
    world.ask().await;
    world.measure(0);
    world.deliver(0).await;
    world
}

#[tokio::test]
async fn what_the_figures_admit_is_there_whatever_the_order_of_operations_and_reports() {
    for test in databases().await {
        let (mut refused, mut late) = (0, 0);
        for seed in 0..3 {
            let mut world = begin(&test, seed).await;
            for step in 0..400 {
                world.step().await;
                world.check(&format!("{:?}, seed {seed}, step {step}", test.db)).await;
            }
            // When nothing is under way, the next report gives back all that was counted twice.
            while world.pick(|thing| !thing.settled).is_some() {
                world.release().await;
            }
            world.pending.clear();
            world.clock += 10_000;
            world.ask().await;
            world.measure(0);
            world.deliver(0).await;
            let mut tx = test.db.read().await.expect("reads");
            for (pool, found) in pools::list_all(&mut tx).await.expect("ok").iter().enumerate() {
                let really = TOTAL - world.foreign[pool].0 - world.on_backend(pool);
                assert_eq!((free_in_force(found), found.unreported), (really, 0));
            }
            drop(tx);
            (refused, late) = (refused + world.refused, late + world.late);
            while world.pick(|thing| thing.settled).is_some() {
                world.delete().await;
            }
            let clock = world.clock;
            let made: BTreeMap<PoolName, u64> = BTreeMap::new();
            let asked = Asked { at: world.now(), made };
            let now = Timestamp::from_micros(NOW.micros() + clock);
            db!(world, tx => pools::report(tx, &backend(), "z", &[], &asked, now));
        }
        assert!(refused > 0 && late > 0, "nothing was put to the test");
    }
}
