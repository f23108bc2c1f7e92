//! Taking in what a backend says of its pools, and counting what lives in a pool.

use std::collections::BTreeMap;

use ashlar_types::{BackendName, PoolName, PoolStats, Timestamp};

use crate::{DbError, Tx, args};

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
}

/// Takes in a backend's report: new pools are made (with their figures counted from the rows), known
/// ones get the new stats. One that is not in the report goes when nothing lives there, and otherwise takes
/// nothing new: it counts as never reported.
///
/// # Errors
/// [`DbError`].
pub async fn report(
    tx: &mut Tx,
    backend: &BackendName,
    availability_zone: &str,
    pools: &[PoolStats],
    now: Timestamp,
) -> Result<(), DbError> {
    // By name, so that two who report at once lock in the same order.
    let reported: BTreeMap<PoolName, &PoolStats> =
        pools.iter().map(|stats| (backend.pool(&stats.pool_name), stats)).collect();
    for (name, stats) in &reported {
        let text =
            serde_json::to_string(stats).map_err(|wrong| DbError::Statement(Box::new(wrong)))?;
        let known = tx
            .execute(
                "UPDATE ashlar_pools SET stats = ?, availability_zone = ?, reported_at = ?, \
                 version = version + 1 WHERE name = ?",
                args![&text, availability_zone, now.micros(), name],
            )
            .await?;
        if known == 0 {
            add(tx, name, backend, availability_zone, &text, now).await?;
        }
    }
    let known = tx
        .rows("SELECT name FROM ashlar_pools WHERE backend = ? ORDER BY name", args![backend])
        .await?;
    for mut row in known {
        let name: PoolName = row.take(0)?;
        if reported.contains_key(&name) {
            continue;
        }
        let gone = tx
            .execute(
                "DELETE FROM ashlar_pools WHERE name = ? AND allocated = 0 AND held = 0 AND \
                 volumes = 0",
                args![&name],
            )
            .await?;
        if gone == 0 {
            tx.execute(
                "UPDATE ashlar_pools SET reported_at = 0, version = version + 1 WHERE name = ? AND \
                 reported_at <> 0",
                args![&name],
            )
            .await?;
        }
    }
    Ok(())
}

async fn add(
    tx: &mut Tx,
    name: &PoolName,
    backend: &BackendName,
    availability_zone: &str,
    stats: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let taken = recount(tx, name).await?;
    let keep = tx.engine().or_keep("name");
    let sql = format!(
        "INSERT INTO ashlar_pools (name, backend, stats, availability_zone, allocated, held, \
         volumes, version, reported_at) VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?){keep}"
    );
    tx.execute(
        &sql,
        args![
            name,
            backend,
            stats,
            availability_zone,
            taken.allocated,
            taken.held,
            taken.volumes,
            now.micros(),
        ],
    )
    .await
    .map(drop)
}

/// Counts every pool of the backend anew and corrects the figures that are off; answers which were, with
/// what they are now. Whoever changes rows and figures together has the pool's row locked until both are
/// committed, so counting under that lock misses nothing and counts nothing twice.
///
/// # Errors
/// [`DbError`].
pub async fn correct(
    tx: &mut Tx,
    backend: &BackendName,
) -> Result<Vec<(PoolName, Taken)>, DbError> {
    let sql = format!(
        "SELECT name, allocated, held, volumes FROM ashlar_pools WHERE backend = ? ORDER BY name{}",
        tx.engine().for_update()
    );
    let mut corrected = Vec::new();
    for row in tx.rows(&sql, args![backend]).await? {
        let mut row = row.reader();
        let name: PoolName = row.next()?;
        let stored = Taken { allocated: row.next()?, held: row.next()?, volumes: row.next()? };
        let taken = recount(tx, &name).await?;
        if taken == stored {
            continue;
        }
        tx.execute(
            "UPDATE ashlar_pools SET allocated = ?, held = ?, volumes = ?, version = version + 1 \
             WHERE name = ?",
            args![taken.allocated, taken.held, taken.volumes, &name],
        )
        .await?;
        corrected.push((name, taken));
    }
    Ok(corrected)
}

/// Counts what lives in the pool from the rows, without writing anything.
///
/// # Errors
/// [`DbError`].
pub async fn recount(tx: &mut Tx, pool: &PoolName) -> Result<Taken, DbError> {
    // A volume under way is held, not yet allocated; an extend holds too, but only the increase.
    const MADE: &str = "NOT EXISTS (SELECT 1 FROM ashlar_holds h JOIN ashlar_flows f ON \
         f.id = h.flow_id WHERE h.resource_id = r.id AND f.name = 'create-volume')";
    let engine = tx.engine();
    let sql = format!(
        "SELECT COUNT(*), {} FROM volumes r WHERE r.host = ? AND r.deleted = FALSE AND {MADE}",
        engine.as_int(&sum("r.size"))
    );
    let mut taken = Taken::default();
    if let Some(mut row) = tx.row(&sql, args![pool]).await? {
        taken.volumes = row.take(0)?;
        taken.allocated = row.take(1)?;
    }
    let sql = format!(
        "SELECT {} FROM snapshots r JOIN volumes v ON v.id = r.volume_id WHERE v.host = ? AND \
         v.deleted = FALSE AND r.deleted = FALSE AND r.progress = '100%'",
        engine.as_int(&sum("r.volume_size"))
    );
    if let Some(mut row) = tx.row(&sql, args![pool]).await? {
        taken.allocated += row.take::<u64>(0)?;
    }
    let sql = format!("SELECT {} FROM ashlar_holds WHERE pool = ?", engine.as_int(&sum("gib")));
    if let Some(mut row) = tx.row(&sql, args![pool]).await? {
        taken.held = row.take(0)?;
    }
    Ok(taken)
}

fn sum(column: &str) -> String {
    format!("COALESCE(SUM({column}), 0)")
}
