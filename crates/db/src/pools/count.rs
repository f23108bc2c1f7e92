//! Counting what lives in a pool, and healing figures that do not agree with the rows.

use std::collections::HashMap;

use ashlar_types::{BackendName, PoolName};

use crate::{Arg, DbError, Engine, Tx, args, sql};

/// What a snapshot says that is there and not being made any more.
const COMPLETED: &str = "r.deleted = FALSE AND r.progress LIKE '100!%%' ESCAPE '!'";

/// What the rows say of a pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Sizes of the volumes and snapshots that live there, together, in GiB. What is still being made
    /// on a promise is left out: its hold stands for it.
    pub allocated: u64,
    /// Sum of the holds in GiB.
    pub held: u64,
    /// Number of volumes.
    pub volumes: u64,
    /// Number of volumes that are being made on a promise.
    pub making: u64,
}

/// Counts every pool of the backend anew and corrects the figures that are off; answers which were, with
/// what they are now. Whoever changes rows and figures together has the pool's row locked until both are
/// committed, so counting under that lock misses nothing and counts nothing twice.
///
/// What the last report cannot know of is at least what is held, and follows what is held by its error.
///
/// # Errors
/// [`DbError`].
pub async fn correct(
    tx: &mut Tx,
    backend: &BackendName,
) -> Result<Vec<(PoolName, Taken)>, DbError> {
    let sql = format!(
        "SELECT name, allocated, held, volumes, making, unreported FROM ashlar_pools WHERE \
         backend = ? ORDER BY name{}",
        tx.engine().for_update()
    );
    let mut corrected = Vec::new();
    let pools = tx.rows(&sql, args![backend]).await?;
    let snapshots = snapshots_by_pool(tx, backend).await?;
    for row in pools {
        let mut row = row.reader();
        let name: PoolName = row.next()?;
        let stored = Taken {
            allocated: row.next()?,
            held: row.next()?,
            volumes: row.next()?,
            making: row.next()?,
        };
        let unreported: i64 = row.next()?;
        let mut taken = count(tx, &name).await?;
        taken.allocated += snapshots.get(&name).copied().unwrap_or_default();
        let error = signed(taken.held) - signed(stored.held);
        let mended = unreported.saturating_add(error).max(signed(taken.held));
        if taken == stored && unreported == mended {
            continue;
        }
        tx.execute(
            "UPDATE ashlar_pools SET allocated = ?, held = ?, volumes = ?, making = ?, \
             unreported = ?, version = version + 1 WHERE name = ?",
            args![taken.allocated, taken.held, taken.volumes, taken.making, mended, &name],
        )
        .await?;
        corrected.push((name, taken));
    }
    Ok(corrected)
}

fn signed(gib: u64) -> i64 {
    i64::try_from(gib).unwrap_or(i64::MAX)
}

/// Counts what lives in the pool from the rows, without writing anything.
///
/// # Errors
/// [`DbError`].
pub async fn recount(tx: &mut Tx, pool: &PoolName) -> Result<Taken, DbError> {
    let mut taken = count(tx, pool).await?;
    let sql = format!(
        "SELECT {} FROM snapshots r JOIN volumes v ON v.id = r.volume_id WHERE v.host = ? AND \
         v.deleted = FALSE AND {COMPLETED}",
        tx.engine().as_int(&sum("r.volume_size"))
    );
    if let Some(mut row) = tx.row(&sql, args![pool]).await? {
        taken.allocated += row.take::<u64>(0)?;
    }
    Ok(taken)
}

/// What the snapshots in each pool of the backend have together, in GiB; a pool without any may be missing. In one go, however
/// many pools there are.
async fn snapshots_by_pool(
    tx: &mut Tx,
    backend: &BackendName,
) -> Result<HashMap<PoolName, u64>, DbError> {
    let engine = tx.engine();
    // In this order SQLite looks for the volumes of snapshots; left to itself, for the snapshots of volumes, most of which
    // have none.
    let join = if engine == Engine::Sqlite { "CROSS JOIN" } else { "JOIN" };
    let sql = format!(
        "SELECT v.host, {} FROM snapshots r {join} volumes v ON v.id = r.volume_id WHERE \
         v.host LIKE ? ESCAPE '!' AND v.deleted = FALSE AND {COMPLETED} GROUP BY v.host",
        engine.as_int(&sum("r.volume_size"))
    );
    let pools = Arg::from(sql::starts_pattern(&format!("{backend}#")));
    let rows = tx.rows(&sql, &[pools]).await?;
    rows.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}

/// What the rows of volumes and holds say of the pool.
async fn count(tx: &mut Tx, pool: &PoolName) -> Result<Taken, DbError> {
    let engine = tx.engine();
    let mut taken = Taken::default();
    // A volume under way is held, not yet allocated; an extend holds too, but only the increase.
    let sql = format!(
        "SELECT COUNT(*), {} FROM volumes r WHERE r.host = ? AND r.deleted = FALSE AND r.id NOT IN \
         (SELECT h.resource_id FROM ashlar_holds h WHERE h.pool = ? AND h.volumes > 0)",
        engine.as_int(&sum("r.size"))
    );
    if let Some(mut row) = tx.row(&sql, args![pool, pool]).await? {
        taken.volumes = row.take(0)?;
        taken.allocated = row.take(1)?;
    }
    let sql = format!(
        "SELECT {}, {} FROM ashlar_holds WHERE pool = ?",
        engine.as_int(&sum("gib")),
        engine.as_int(&sum("volumes"))
    );
    if let Some(mut row) = tx.row(&sql, args![pool]).await? {
        taken.held = row.take(0)?;
        taken.making = row.take(1)?;
    }
    Ok(taken)
}

fn sum(column: &str) -> String {
    format!("COALESCE(SUM({column}), 0)")
}
