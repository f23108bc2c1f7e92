//! The invariants that hold whenever nothing is under way. A test checks them after all else it does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ashlar_db::{
    Db, DbError, Engine, Row, Tx, flows, holds, pools, quotas, snapshots, transact, volumes,
};
use ashlar_drivers::Driver;
use ashlar_types::{BackendName, PoolName};

use crate::Cloud;
use crate::cloud::HOST;
use crate::wait::{PATIENCE, is_transitional};

/// A backend to look into: its full name and a driver that sees what it holds.
pub type Looked = (BackendName, Arc<dyn Driver>);

impl Cloud {
    /// Waits until no operation is under way.
    ///
    /// # Panics
    /// When that takes too long; the flows that remain are in the text.
    pub async fn quiet(&self) {
        quiet(&self.db).await;
    }

    /// Waits until nothing is under way, then checks that nothing is stuck, leaked or miscounted.
    ///
    /// # Panics
    /// When something is.
    pub async fn check(&self) {
        let named = |(name, driver): &(String, Arc<dyn Driver>)| {
            (BackendName::new(HOST, name), Arc::clone(driver))
        };
        let backends: Vec<Looked> = self.backends.iter().map(named).collect();
        check(&self.db, &backends, self.settings.no_snapshot_gb_quota).await;
    }
}

/// Waits until no operation is under way in this database.
///
/// # Panics
/// When that takes too long; the flows that remain are in the text.
pub async fn quiet(db: &Db) {
    let pause = Duration::from_millis(20);
    let mut left = Vec::new();
    for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
        let mut tx = db.read().await.expect("the database answers");
        let filter = flows::Filter { unfinished: true, ..flows::Filter::default() };
        left = flows::list(&mut tx, &filter).await.expect("flows can be listed");
        if left.is_empty() {
            return;
        }
        drop(tx);
        tokio::time::sleep(pause).await;
    }
    panic!("operations do not end: {left:#?}");
}

/// Waits until nothing is under way in this database, then checks that nothing is stuck, leaked or
/// miscounted there and on these backends.
///
/// # Panics
/// When something is.
pub async fn check(db: &Db, backends: &[Looked], no_snapshot_gb_quota: bool) {
    quiet(db).await;
    let mut tx = db.read().await.expect("the database answers");
    check_statuses(&mut tx).await;
    check_quota(&mut tx, no_snapshot_gb_quota).await;
    check_pools(&mut tx).await;
    check_holds(db).await;
    for (name, driver) in backends {
        check_backend(&mut tx, name, driver.as_ref()).await;
    }
}

async fn check_statuses(tx: &mut Tx) {
    let sql = "SELECT id, status FROM volumes WHERE deleted = FALSE UNION ALL \
               SELECT id, status FROM snapshots WHERE deleted = FALSE UNION ALL \
               SELECT id, COALESCE(status, '') FROM \"groups\" WHERE deleted = FALSE UNION ALL \
               SELECT id, COALESCE(status, '') FROM group_snapshots WHERE deleted = FALSE";
    for row in tx.rows(sql, &[]).await.expect("rows can be read") {
        let (id, status): (String, String) =
            (row.get(0).expect("an id"), row.get(1).expect("a status"));
        assert!(!is_transitional(&status), "{id} is stuck in {status}");
    }
}

/// Held capacity is nobody's when nothing is under way, and the counters agree with the rows.
async fn check_pools(tx: &mut Tx) {
    for pool in pools::list_all(tx).await.expect("pools can be listed") {
        let name = &pool.name;
        let held = holds::of_pool(tx, name).await.expect("holds can be listed");
        assert!(held.is_empty(), "holds are left on {name}: {held:?}");
        assert_eq!((pool.held, pool.making), (0, 0), "capacity is still held on {name}");
        let counted = counted(tx, name).await;
        assert_eq!((pool.allocated, pool.volumes), counted, "the counters of {name} are off");
    }
}

/// What holds whatever is under way, when it is looked at in one go: each pool's figures are the sums of its
/// holds, and what no report knows of is at least what is held.
///
/// On MariaDB one statement is not always one go. InnoDB makes the view of a consistent read by walking through the
/// transactions that are active, without a lock (`trx_sys_t::snapshot_ids`, since 10.3). One that commits behind the
/// walk counts as active, and the next one, which had waited for its row lock and commits ahead of the walk, as
/// ended; the view then has the second one's figures, made on top of the first one's, without the holds of the first.
/// No isolation level changes that. So there the rows are locked before they are looked at: a transaction leaves the
/// list of the active ones before it lets its locks go, and nobody who changes holds ends without a pool's lock.
///
/// # Panics
/// When it does not.
pub async fn check_holds(db: &Db) {
    let found = match db.engine() {
        Engine::Mysql => transact!(db, tx => figures_locked(tx).await),
        Engine::Sqlite | Engine::Postgres => {
            let mut tx = db.read().await.expect("the database answers");
            figures(&mut tx).await
        }
    };
    for row in found.expect("figures can be read") {
        let mut row = row.reader();
        let name: String = row.next().expect("a name");
        let mut number = || row.next::<i64>().expect("a number");
        let (held, making, unreported) = (number(), number(), number());
        let holds = (number(), number());
        let engine = db.engine().name();
        assert_eq!((held, making), holds, "{name} on {engine}: not the sums of its holds");
        assert!(unreported >= held, "{name}: {held} GiB held and {unreported} unreported");
    }
}

/// With the pools locked, in the order of their names as everywhere.
async fn figures_locked(tx: &mut Tx) -> Result<Vec<Row>, DbError> {
    // `held` is in no index, so what is locked are the rows.
    let sql =
        format!("SELECT name, held FROM ashlar_pools ORDER BY name{}", tx.engine().for_update());
    tx.rows(&sql, &[]).await?;
    figures(tx).await
}

/// What each pool's row says, and the sums of its holds.
async fn figures(tx: &mut Tx) -> Result<Vec<Row>, DbError> {
    // One statement, so that it sees one moment.
    let sql = format!(
        "SELECT name, held, making, unreported, {}, {} FROM (SELECT p.name, p.held, p.making, \
         p.unreported, SUM(h.gib) AS gib, SUM(h.volumes) AS creates FROM ashlar_pools p LEFT JOIN \
         ashlar_holds h ON h.pool = p.name GROUP BY p.name, p.held, p.making, p.unreported) s",
        tx.engine().as_int("COALESCE(gib, 0)"),
        tx.engine().as_int("COALESCE(creates, 0)")
    );
    tx.rows(&sql, &[]).await
}

/// What is on the backend is what the rows say, and nothing else.
async fn check_backend(tx: &mut Tx, name: &BackendName, driver: &dyn Driver) {
    let (mut expected, mut half_gone) = (BTreeSet::new(), BTreeSet::new());
    for volume in volumes::of_backend(tx, name).await.expect("volumes can be listed") {
        let mut expect = |name: String, status: &str| {
            // A removal that failed may have removed some of it.
            if status == "error_deleting" {
                half_gone.insert(name.clone());
            }
            expected.insert(name);
        };
        expect(volume.backend_name(), volume.status.as_str());
        let all = snapshots::of_volume(tx, volume.id).await.expect("snapshots can be listed");
        for snapshot in all.iter().filter(|snapshot| snapshot.takes_space()) {
            expect(snapshot.backend_name(), snapshot.status.as_str());
        }
    }
    let stored = driver.list().await.expect("the backend can be listed");
    let found: BTreeSet<String> = stored.into_iter().map(|item| item.name).collect();
    let missing: Vec<_> =
        expected.difference(&found).filter(|name| !half_gone.contains(*name)).collect();
    let leaked: Vec<_> = found.difference(&expected).collect();
    assert!(missing.is_empty(), "backend {name} has lost {missing:?}");
    assert!(leaked.is_empty(), "backend {name} still has {leaked:?}");
}

/// Usage of every project equals what its rows add up to.
///
/// # Panics
/// When it does not.
pub async fn check_quota(tx: &mut Tx, no_snapshot_gb_quota: bool) {
    let projects = tx
        .rows("SELECT DISTINCT project_id FROM quota_usages WHERE deleted = FALSE", &[])
        .await
        .expect("usages can be listed");
    for row in projects {
        let project: String = row.get(0).expect("a project");
        let counted =
            quotas::recount(tx, &project, no_snapshot_gb_quota).await.expect("rows can be counted");
        let used = quotas::usages(tx, &project).await.expect("usages can be read");
        let nonzero = |map: BTreeMap<String, i64>| -> BTreeMap<String, i64> {
            map.into_iter().filter(|(_, amount)| *amount != 0).collect()
        };
        let used = used.into_iter().map(|(resource, usage)| {
            assert_eq!(usage.reserved, 0, "{resource} of {project} is reserved");
            (resource, usage.in_use)
        });
        assert_eq!(nonzero(used.collect()), nonzero(counted), "quota of {project} has drifted");
    }
}

/// Sizes of the volumes and snapshots that live in a pool, and the number of volumes.
async fn counted(tx: &mut Tx, pool: &PoolName) -> (u64, u64) {
    let all = volumes::of_backend(tx, &pool.backend()).await.expect("volumes can be listed");
    let (mut gib, mut count) = (0, 0);
    for volume in all.iter().filter(|volume| volume.host.as_ref() == Some(pool)) {
        gib += volume.size.0;
        count += 1;
        let all = snapshots::of_volume(tx, volume.id).await.expect("snapshots can be listed");
        let taken = all.iter().filter(|snapshot| snapshot.takes_space());
        gib += taken.map(|snapshot| snapshot.volume_size.0).sum::<u64>();
    }
    (gib, count)
}
