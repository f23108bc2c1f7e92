//! Making and updating the tables: what `ashlar db sync` and `ashlar db version` do.
//!
//! A fresh database gets Cinder's tables, its first rows and the revision that Cinder's own tool would
//! have written, so that `cinder-manage db sync` accepts it and changes nothing. On a database of
//! Cinder's only what is missing of ours is added. Several processes may do this at once: one works,
//! the others wait and then find nothing to do.

pub mod found;
pub mod plan;

mod estimates;
mod lock;
mod seeds;

use ashlar_types::{Clock, Timestamp};

pub use found::{CinderTables, Version};
pub use plan::{Action, Refusal};

use crate::schema::ashlar;
use crate::{Db, DbError, Tx, args};

/// What a sync did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What was there before.
    pub before: Version,
    /// What is there now.
    pub after: Version,
}

impl Report {
    /// Nothing was missing.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.before == self.after
    }
}

/// Why the tables could not be brought to what this program needs.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database is not one that a sync may touch.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The tables are not (all) there.
    #[error("the database's tables are {0}: run `ashlar db sync`")]
    Behind(Version),
    /// Another process has been at it for too long.
    #[error("another `db sync` holds this database: try again when it has ended")]
    Busy,
    /// The database itself failed.
    #[error("while reading or changing the tables: {0}")]
    Db(#[from] DbError),
}

/// Says what is there. Two cheap queries.
///
/// # Errors
/// [`DbError`], classified.
pub async fn version(db: &Db) -> Result<Version, DbError> {
    found::version(&mut db.read().await?).await
}

/// Makes sure that nothing is missing, without changing anything. Two cheap queries.
///
/// # Errors
/// [`MigrateError::Behind`] when a sync is needed, [`MigrateError::Refused`] when none would help.
pub async fn require_current(db: &Db) -> Result<(), MigrateError> {
    let found = version(db).await?;
    plan::check(&found)?;
    if found.is_current() { Ok(()) } else { Err(MigrateError::Behind(found)) }
}

/// Makes or completes the tables. Safe to run at any time, from any number of processes; when nothing
/// is missing it takes no lock. What was cut short is finished by the next run.
///
/// # Errors
/// [`MigrateError`]; on SQLite and PostgreSQL nothing has changed then, on MySQL, which cannot take
/// back a table, the next run goes on where this one stopped.
pub async fn sync(db: &Db) -> Result<Report, MigrateError> {
    let now = version(db).await?;
    if now.is_current() {
        return Ok(Report { before: now.clone(), after: now });
    }
    let mut tx = db.begin().await?;
    lock::acquire(&mut tx).await?;
    let outcome = sync_alone(&mut tx, Clock::System.now()).await;
    let released = lock::release(&mut tx).await;
    match outcome {
        Ok(report) => {
            released?;
            tx.commit().await?;
            Ok(report)
        }
        Err(error) => {
            tx.rollback().await;
            Err(error)
        }
    }
}

async fn sync_alone(tx: &mut Tx, now: Timestamp) -> Result<Report, MigrateError> {
    let before = found::version(tx).await?;
    plan::check(&before)?;
    let names = found::names(tx).await?;
    for action in plan::plan(tx.engine(), &before, &names) {
        match action {
            Action::Run(statement) => {
                tracing::debug!(statement, "changing the tables");
                tx.execute(&statement, &[]).await?;
            }
            Action::Seed => seeds::ensure(tx, now).await?,
            Action::Record(step) => {
                let insert = "INSERT INTO ashlar_schema (version, applied_at) VALUES (?, ?)";
                tx.execute(insert, args![step, now.micros()]).await?;
            }
        }
    }
    estimates::write(tx).await?;
    let after = found::version(tx).await?;
    tracing::info!(%before, %after, needed = ashlar::version(), "tables synced");
    Ok(Report { before, after })
}
