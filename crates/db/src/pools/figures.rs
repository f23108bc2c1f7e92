//! The pools' own figures without their reports, for a scheduler that keeps the reports it has read.

use std::sync::Arc;
use std::time::Duration;

use ashlar_types::{Availability, BackendName, Pool, PoolName, Report, Timestamp};

use super::{COLUMNS, States};
use crate::row::Reader;
use crate::{Arg, DbError, Tx, args, services, sql};

/// A pool but for its report. Sizes in GiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Full name.
    pub name: PoolName,
    /// Zone of the service that serves it.
    pub availability_zone: String,
    /// State of that service.
    pub availability: Availability,
    /// When the backend was asked for the stored report: a report with the same moment is the same.
    pub asked_at: Timestamp,
    /// Sizes of the volumes and snapshots that live there, together.
    pub allocated: u64,
    /// Sum of the holds.
    pub held: u64,
    /// What was taken that the stored report cannot know of.
    pub unreported: u64,
    /// Number of volumes.
    pub volumes: u64,
    /// Number of volumes that are being made there.
    pub making: u64,
    /// Goes up with every change.
    pub version: i64,
}

/// What a pool reported last.
#[derive(Debug, Clone, PartialEq)]
pub struct Reported {
    /// Full name.
    pub name: PoolName,
    /// When the backend was asked for it.
    pub asked_at: Timestamp,
    /// The report.
    pub stats: Arc<Report>,
}

/// The figures of every pool that is known, by name. Services silent for longer than `down_time` are
/// down.
///
/// # Errors
/// [`DbError`].
pub async fn figures(
    tx: &mut Tx,
    now: Timestamp,
    down_time: Duration,
) -> Result<Vec<Figures>, DbError> {
    let states = services::volume_states(tx, now, down_time).await?;
    let sql = format!("SELECT {COLUMNS} FROM ashlar_pools ORDER BY name");
    let rows = tx.rows(&sql, &[]).await?;
    rows.into_iter().map(|row| Figures::read(&mut row.reader(), Some(&states))).collect()
}

/// What those of the pools that are known reported last. A report taken in after the figures were read
/// has a later moment than theirs.
///
/// # Errors
/// [`DbError`].
pub async fn reports(tx: &mut Tx, names: &[PoolName]) -> Result<Vec<Reported>, DbError> {
    let mut found = Vec::with_capacity(names.len());
    for part in names.chunks(sql::IN_LIST) {
        let part: Vec<&PoolName> = part.iter().collect();
        let part = sql::pad(&part);
        let sql = format!(
            "SELECT name, asked_at, stats FROM ashlar_pools WHERE name IN ({})",
            sql::places(part.len())
        );
        let values: Vec<Arg<'_>> = part.into_iter().map(Arg::from).collect();
        for row in tx.rows(&sql, &values).await? {
            let mut row = row.reader();
            found.push(Reported {
                name: row.next()?,
                asked_at: Timestamp::from_micros(row.next()?),
                stats: super::stats(&mut row)?,
            });
        }
    }
    Ok(found)
}

impl Figures {
    /// Reads [`COLUMNS`]. Without `states` the services count as up.
    pub(super) fn read(row: &mut Reader, states: Option<&States>) -> Result<Self, DbError> {
        let mut figures = Self {
            name: row.next()?,
            availability_zone: row.next::<Option<_>>()?.unwrap_or_default(),
            availability: Availability::Up,
            asked_at: Timestamp::from_micros(row.next()?),
            allocated: row.next()?,
            held: row.next()?,
            unreported: row.next()?,
            volumes: row.next()?,
            making: row.next()?,
            version: row.next()?,
        };
        let backend: String = row.next()?;
        if let Some(states) = states {
            figures.availability = states.get(&backend).copied().unwrap_or(Availability::Down);
        }
        let reported_at: i64 = row.next()?;
        if reported_at == 0 && figures.availability == Availability::Up {
            figures.availability = Availability::Unreported;
        }
        Ok(figures)
    }

    /// The pool with what it reported.
    #[must_use]
    pub fn with(self, stats: Arc<Report>) -> Pool {
        Pool {
            name: self.name,
            availability_zone: self.availability_zone,
            availability: self.availability,
            stats,
            asked_at: self.asked_at,
            allocated: self.allocated,
            held: self.held,
            unreported: self.unreported,
            volumes: self.volumes,
            making: self.making,
            version: self.version,
        }
    }
}

/// What is taken in the backend's pools, together, that its last reports cannot know of.
///
/// # Errors
/// [`DbError`].
pub async fn unreported(tx: &mut Tx, backend: &BackendName) -> Result<u64, DbError> {
    let sum = tx.engine().as_int("COALESCE(SUM(unreported), 0)");
    let sql = format!("SELECT {sum} FROM ashlar_pools WHERE backend = ?");
    tx.row(&sql, args![backend]).await?.map_or(Ok(0), |mut row| row.take(0))
}
