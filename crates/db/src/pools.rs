//! The table `ashlar_pools`: what each pool last said of itself, and what our own tables say is taken.
//!
//! `allocated`, `held`, `volumes` and `making` are ours: they change in the transactions that change the
//! rows they count, and a report leaves them alone. `unreported` says how much of it all the stored
//! report cannot know of; [`report()`] tells how it comes about.

mod count;
mod figures;
mod report;
mod reported_at;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ashlar_types::{Availability, Pool, PoolName, Report, Timestamp};

pub use count::{Taken, correct, recount};
pub use figures::{Figures, Reported, figures, reports, unreported};
pub use report::{Asked, ask, report};
pub use reported_at::reported_at;

use crate::row::Reader;
use crate::{Arg, DbError, Tx, args, services, sql};

const COLUMNS: &str = "name, availability_zone, asked_at, allocated, held, unreported, volumes, making, \
     version, backend, reported_at";

/// What is known of the services behind the pools.
type States = HashMap<String, Availability>;

/// Every pool that is known, by name, with the state of its service: silent for longer than
/// `down_time` is down.
///
/// # Errors
/// [`DbError`].
pub async fn list(tx: &mut Tx, now: Timestamp, down_time: Duration) -> Result<Vec<Pool>, DbError> {
    select(tx, Some((now, down_time)), false).await
}

/// The pools that a new volume could go to: they are in their backend's last report, and its service is
/// up, enabled and not frozen. By name.
///
/// # Errors
/// [`DbError`].
pub async fn list_usable(
    tx: &mut Tx,
    now: Timestamp,
    down_time: Duration,
) -> Result<Vec<Pool>, DbError> {
    select(tx, Some((now, down_time)), true).await
}

/// Every pool that is known, by name. The services are not looked at: what is in its backend's last
/// report counts as up.
///
/// # Errors
/// [`DbError`].
pub async fn list_all(tx: &mut Tx) -> Result<Vec<Pool>, DbError> {
    select(tx, None, false).await
}

async fn select(
    tx: &mut Tx,
    judge: Option<(Timestamp, Duration)>,
    usable: bool,
) -> Result<Vec<Pool>, DbError> {
    let states = match judge {
        Some((now, down_time)) => Some(services::volume_states(tx, now, down_time).await?),
        None => None,
    };
    let sql = format!("SELECT {COLUMNS}, stats FROM ashlar_pools ORDER BY name");
    let mut found = Vec::new();
    for row in tx.rows(&sql, &[]).await? {
        let mut row = row.reader();
        let figures = Figures::read(&mut row, states.as_ref())?;
        if !usable || figures.availability == Availability::Up {
            found.push(figures.with(stats(&mut row)?));
        }
    }
    Ok(found)
}

/// The pool, and nobody else changes its figures until the transaction ends. Its service is not looked
/// at, as in [`list_all`].
///
/// # Errors
/// [`DbError`].
pub async fn lock(tx: &mut Tx, name: &PoolName) -> Result<Option<Pool>, DbError> {
    Ok(lock_all(tx, std::slice::from_ref(name)).await?.pop())
}

/// Those of the pools that are known, by name, and nobody else changes their figures until the
/// transaction ends. They are locked in the order of their names, as everywhere, so that two who lock
/// several at once do not wait for each other. Their services are not looked at, as in [`list_all`].
///
/// # Errors
/// [`DbError`].
pub async fn lock_all(tx: &mut Tx, names: &[PoolName]) -> Result<Vec<Pool>, DbError> {
    let mut names: Vec<&PoolName> = names.iter().collect();
    names.sort_unstable();
    names.dedup();
    let mut found = Vec::with_capacity(names.len());
    for part in names.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!(
            "SELECT {COLUMNS}, stats FROM ashlar_pools WHERE name IN ({}) ORDER BY name{}",
            sql::places(part.len()),
            tx.engine().for_update()
        );
        let values: Vec<Arg<'_>> = part.into_iter().map(Arg::from).collect();
        for row in tx.rows(&sql, &values).await? {
            let mut row = row.reader();
            found.push(Figures::read(&mut row, None)?.with(stats(&mut row)?));
        }
    }
    Ok(found)
}

fn stats(row: &mut Reader) -> Result<Arc<Report>, DbError> {
    serde_json::from_str(&row.next::<String>()?)
        .map(Arc::new)
        .map_err(|wrong| DbError::row(0, format!("a pool's report: {wrong}")))
}

/// Adds to what is allocated in the pool (negative takes away), never below nothing. A pool that is not
/// known is passed over: its figures are counted when it reports. What the last report cannot know of stays
/// as it was: room that a delete made is there when the backend says so, and what is taken goes through a
/// hold ([`crate::holds`]).
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
