//! The table `ashlar_pools`: what each pool last said of itself, and what our own tables say is taken.
//!
//! `allocated`, `held` and `volumes` are ours: they change in the transactions that change the rows
//! they count, and a report leaves them alone.

mod report;
mod reported_at;

use std::time::Duration;

use ashlar_types::{Pool, PoolName, Timestamp};

pub use report::{Taken, correct, recount, report};
pub use reported_at::reported_at;

use crate::row::Reader;
use crate::{DbError, Tx, args, services};

const COLUMNS: &str =
    "p.name, p.availability_zone, p.stats, p.allocated, p.held, p.volumes, p.version";

/// The pools that a new volume could go to: they are in their backend's last report, and its service is
/// up, enabled and not frozen. By name.
///
/// # Errors
/// [`DbError`].
pub async fn list(tx: &mut Tx, now: Timestamp, down_time: Duration) -> Result<Vec<Pool>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM ashlar_pools p WHERE p.reported_at > 0 AND EXISTS (SELECT 1 FROM services s WHERE \
         s.host = p.backend AND s.\"binary\" = ? AND s.deleted = FALSE AND \
         COALESCE(s.disabled, FALSE) = FALSE AND COALESCE(s.frozen, FALSE) = FALSE AND \
         COALESCE(s.updated_at, s.created_at) >= ?) ORDER BY p.name"
    );
    // The bound is cut to what the column keeps, as the heartbeats were.
    let oldest = tx.engine().storable(now.before(down_time));
    let rows = tx.rows(&sql, args![services::VOLUME, oldest]).await?;
    rows.into_iter().map(|row| read(&mut row.reader())).collect()
}

/// Every pool that is known, by name.
///
/// # Errors
/// [`DbError`].
pub async fn list_all(tx: &mut Tx) -> Result<Vec<Pool>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM ashlar_pools p ORDER BY p.name");
    let rows = tx.rows(&sql, &[]).await?;
    rows.into_iter().map(|row| read(&mut row.reader())).collect()
}

/// The pool, and nobody else changes its figures until the transaction ends.
///
/// # Errors
/// [`DbError`].
pub async fn lock(tx: &mut Tx, name: &PoolName) -> Result<Option<Pool>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM ashlar_pools p WHERE p.name = ?{}",
        tx.engine().for_update()
    );
    tx.row(&sql, args![name]).await?.map(|row| read(&mut row.reader())).transpose()
}

/// Adds to what is allocated in the pool (negative takes away), never below nothing. A pool that is not
/// known is passed over: its figures are counted when it reports.
///
/// # Errors
/// [`DbError`].
pub async fn add_allocated(
    tx: &mut Tx,
    name: &PoolName,
    gib: i64,
    volumes: i64,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE ashlar_pools SET allocated = CASE WHEN allocated + ? < 0 THEN 0 ELSE \
         allocated + ? END, volumes = CASE WHEN volumes + ? < 0 THEN 0 ELSE volumes + ? END, \
         version = version + 1 WHERE name = ?",
        args![gib, gib, volumes, volumes, name],
    )
    .await
    .map(drop)
}

fn read(row: &mut Reader) -> Result<Pool, DbError> {
    Ok(Pool {
        name: row.next()?,
        availability_zone: row.next::<Option<_>>()?.unwrap_or_default(),
        stats: serde_json::from_str(&row.next::<String>()?)
            .map_err(|wrong| DbError::row(2, wrong.to_string()))?,
        allocated: row.next()?,
        held: row.next()?,
        volumes: row.next()?,
        version: row.next()?,
    })
}
