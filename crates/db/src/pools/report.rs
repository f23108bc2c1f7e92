//! Taking in what a backend says of its pools.

use std::collections::BTreeMap;

use ashlar_types::{BackendName, PoolName, PoolStats, Report, Timestamp};

use super::recount;
use crate::{DbError, Tx, args};

/// What was known just before a backend was asked for its report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// When that was.
    pub at: Timestamp,
    /// Total of what was ever settled on each of its pools, in GiB.
    pub made: BTreeMap<PoolName, u64>,
}

/// To be called, with its transaction ended, before the backend is asked: [`report()`] needs it to know
/// what the answer may leave out.
///
/// # Errors
/// [`DbError`].
pub async fn ask(tx: &mut Tx, backend: &BackendName, now: Timestamp) -> Result<Asked, DbError> {
    let sql = "SELECT name, made FROM ashlar_pools WHERE backend = ?";
    let mut made = BTreeMap::new();
    for row in tx.rows(sql, args![backend]).await? {
        made.insert(row.get(0)?, row.get(1)?);
    }
    Ok(Asked { at: now, made })
}

/// Takes in a backend's report: new pools are made (with their figures counted from the rows), known
/// ones get the new stats. One that is not in the report goes when nothing lives there, and otherwise takes
/// nothing new: it counts as never reported. A pool's stored stats get our own `allocated` as
/// `allocated_capacity_gb`, as Cinder's volume service adds its count.
///
/// A report that was asked for before the stored one is ignored, unless the stored one is from the
/// future: then this host's clock was set back. Answers whether it was taken in.
///
/// The report cannot know of what was settled since the backend was asked, and perhaps not of what is
/// still held: together that is the pool's new `unreported`. Whatever of this the backend had already
/// made when it looked is counted twice until the next report; that costs room for a moment and never
/// promises any that is not there.
///
/// # Errors
/// [`DbError`].
pub async fn report(
    tx: &mut Tx,
    backend: &BackendName,
    availability_zone: &str,
    pools: &[PoolStats],
    asked: &Asked,
    now: Timestamp,
) -> Result<bool, DbError> {
    // By name, so that two who report at once lock in the same order.
    let reported: BTreeMap<PoolName, &PoolStats> =
        pools.iter().map(|stats| (backend.pool(&stats.pool_name), stats)).collect();
    let stored = lock_known(tx, backend).await?;
    let newest = stored.values().map(|stored| stored.asked_at).max().unwrap_or_default();
    if asked.at < newest && newest <= now {
        tracing::debug!(%backend, "a report came after one that was asked for later");
        return Ok(false);
    }
    // A scheduler knows a report by its moment, so no two have the same.
    let asked_at = asked.at.micros().max(newest.micros().saturating_add(1));
    let about = About { backend, availability_zone, asked_at, now };
    for (name, stats) in &reported {
        match stored.get(name) {
            Some(stored) => change(tx, name, stats, stored, asked, &about).await?,
            None => add(tx, name, stats, &about).await?,
        }
    }
    for name in stored.keys().filter(|name| !reported.contains_key(*name)) {
        miss(tx, name).await?;
    }
    Ok(true)
}

/// What all pools of a report have in common.
struct About<'a> {
    backend: &'a BackendName,
    availability_zone: &'a str,
    asked_at: i64,
    now: Timestamp,
}

/// What a pool's row says before the report.
struct Stored {
    asked_at: Timestamp,
    made: u64,
    held: u64,
    allocated: u64,
}

async fn lock_known(
    tx: &mut Tx,
    backend: &BackendName,
) -> Result<BTreeMap<PoolName, Stored>, DbError> {
    let sql = format!(
        "SELECT name, asked_at, made, held, allocated FROM ashlar_pools WHERE backend = ? \
         ORDER BY name{}",
        tx.engine().for_update()
    );
    let mut found = BTreeMap::new();
    for row in tx.rows(&sql, args![backend]).await? {
        let mut row = row.reader();
        let name = row.next()?;
        let asked_at = Timestamp::from_micros(row.next()?);
        let (made, held, allocated) = (row.next()?, row.next()?, row.next()?);
        found.insert(name, Stored { asked_at, made, held, allocated });
    }
    Ok(found)
}

async fn change(
    tx: &mut Tx,
    name: &PoolName,
    stats: &PoolStats,
    stored: &Stored,
    asked: &Asked,
    about: &About<'_>,
) -> Result<(), DbError> {
    // A row that was made anew meanwhile counts from nothing: then all of it came after the asking.
    let then = asked.made.get(name).copied().filter(|then| *then <= stored.made).unwrap_or(0);
    let unreported = stored.held.saturating_add(stored.made - then);
    tx.execute(
        "UPDATE ashlar_pools SET stats = ?, availability_zone = ?, asked_at = ?, reported_at = ?, \
         unreported = ?, version = version + 1 WHERE name = ?",
        args![
            text(stats, stored.allocated)?,
            about.availability_zone,
            about.asked_at,
            about.now.micros(),
            unreported,
            name,
        ],
    )
    .await
    .map(drop)
}

async fn add(
    tx: &mut Tx,
    name: &PoolName,
    stats: &PoolStats,
    about: &About<'_>,
) -> Result<(), DbError> {
    let taken = recount(tx, name).await?;
    let keep = tx.engine().or_keep("name");
    let sql = format!(
        "INSERT INTO ashlar_pools (name, backend, stats, availability_zone, allocated, held, \
         unreported, volumes, making, version, asked_at, reported_at) VALUES \
         (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?){keep}"
    );
    tx.execute(
        &sql,
        args![
            name,
            about.backend,
            text(stats, taken.allocated)?,
            about.availability_zone,
            taken.allocated,
            taken.held,
            taken.held,
            taken.volumes,
            taken.making,
            about.asked_at,
            about.now.micros(),
        ],
    )
    .await
    .map(drop)
}

/// The pool is not in its backend's report (any more).
async fn miss(tx: &mut Tx, name: &PoolName) -> Result<(), DbError> {
    let gone = tx
        .execute(
            "DELETE FROM ashlar_pools WHERE name = ? AND allocated = 0 AND held = 0 AND \
             volumes = 0",
            args![name],
        )
        .await?;
    if gone == 0 {
        tx.execute(
            "UPDATE ashlar_pools SET reported_at = 0, version = version + 1 WHERE name = ? AND \
             reported_at <> 0",
            args![name],
        )
        .await?;
    }
    Ok(())
}

/// The stats as they are stored.
fn text(stats: &PoolStats, allocated: u64) -> Result<String, DbError> {
    let mut report = Report::from(stats.clone());
    report.set("allocated_capacity_gb", allocated);
    serde_json::to_string(&report).map_err(|wrong| DbError::Statement(Box::new(wrong)))
}
