//! Looking at the pools every few milliseconds while the processes work: at no moment is more promised than a pool
//! has.

use std::collections::BTreeMap;
use std::time::Duration;

use ashlar_db::testing::databases;
use ashlar_db::{Db, DbError, args, pools, transact};
use ashlar_testkit::clean;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(3);

/// Somebody who looks.
pub(crate) struct Watch {
    looking: JoinHandle<u64>,
    taken: watch::Receiver<u64>,
    end: DropGuard,
}

impl Watch {
    /// Looks until told to end. No pool may have more than its limit.
    pub(crate) fn start(db: &Db, limits: &BTreeMap<String, u64>) -> Self {
        let (db, limits) = (db.clone(), limits.clone());
        let (tell, taken) = watch::channel(0);
        let stop = CancellationToken::new();
        let end = stop.clone().drop_guard();
        let looking = tokio::spawn(async move {
            let mut looks = 0;
            while !stop.is_cancelled() {
                tell.send_replace(look(&db, &limits).await);
                looks += 1;
                tokio::time::sleep(PAUSE).await;
            }
            looks
        });
        Self { looking, taken, end }
    }

    /// Waits until so much is promised or allocated, over all pools.
    pub(crate) async fn until_taken(&mut self, gib: u64) {
        let limit = ashlar_testkit::wait::PATIENCE;
        let waiting = self.taken.wait_for(|taken| *taken >= gib);
        let found = tokio::time::timeout(limit, waiting).await.expect("volumes find a place");
        drop(found.expect("no look finds too much"));
    }

    /// Ends the looking.
    ///
    /// # Panics
    /// When any look found too much.
    pub(crate) async fn end(self) {
        drop(self.end);
        let looks = self.looking.await.expect("no look finds too much");
        assert!(looks > 10, "only {looks} looks");
    }
}

/// What is promised or allocated over all pools.
async fn look(db: &Db, limits: &BTreeMap<String, u64>) -> u64 {
    let mut tx = db.read().await.expect("the database answers");
    let mut all = 0;
    for row in tx
        .rows("SELECT name, allocated, held FROM ashlar_pools", &[])
        .await
        .expect("pools can be read")
    {
        let name: String = row.get(0).expect("a name");
        let (allocated, held): (u64, u64) =
            (row.get(1).expect("a number"), row.get(2).expect("a number"));
        let limit = limits.get(&name).copied().unwrap_or_default();
        assert!(
            allocated + held <= limit,
            "{name} of {limit} GiB: {allocated} allocated, {held} held"
        );
        all += allocated + held;
    }
    drop(tx);
    clean::check_holds(db).await;
    all
}

/// When each pool's backend was asked for its report.
pub(crate) async fn reported(db: &Db) -> Vec<i64> {
    let mut tx = db.read().await.expect("the database answers");
    let found = pools::list_all(&mut tx).await.expect("pools can be listed");
    found.iter().map(|pool| pool.asked_at.micros()).collect()
}

/// Waits until the reports know of everything.
pub(crate) async fn until_all_reported(db: &Db) {
    for _ in 0..ashlar_testkit::wait::PATIENCE.as_millis() / 20 {
        let mut tx = db.read().await.expect("the database answers");
        let found = pools::list_all(&mut tx).await.expect("pools can be listed");
        if found.iter().all(|pool| pool.unreported == 0) {
            return;
        }
        drop(tx);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no report comes");
}

#[tokio::test]
async fn a_look_finds_what_is_promised_without_the_pools_figures_and_the_other_way_round() {
    for place in databases().await {
        for sql in [
            "INSERT INTO ashlar_pools (name, backend, availability_zone, stats) VALUES (?, 'b', 'z', '{}')",
            "INSERT INTO ashlar_holds (id, pool, flow_id, resource_id, gib, created_at) VALUES \
             ('h', ?, 'f', 'r', 5, 0)",
        ] {
            run(&place.db, sql).await;
        }
        assert!(is_found(&place.db).await, "a hold and no figures");
        run(&place.db, "UPDATE ashlar_pools SET held = 5, unreported = 5 WHERE name = ?").await;
        assert!(!is_found(&place.db).await, "a hold and its figures");
        run(&place.db, "DELETE FROM ashlar_holds WHERE pool = ?").await;
        assert!(is_found(&place.db).await, "figures and no hold");
    }
}

async fn run(db: &Db, sql: &str) {
    let done: Result<u64, DbError> = transact!(db, tx => tx.execute(sql, args!["p"]).await);
    assert_eq!(done.expect("the statement is right"), 1);
}

/// Whether a look ends in a panic.
async fn is_found(db: &Db) -> bool {
    let db = db.clone();
    tokio::spawn(async move { clean::check_holds(&db).await }).await.is_err()
}
