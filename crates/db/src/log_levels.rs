//! The table `ashlar_log_levels`: the processes that run, which services each plays, and what each is to log. A process
//! says from time to time that it lives, and looks then what it is to log.

use ashlar_types::{LogLevels, Timestamp};

use crate::{DbError, Row, Tx, args, sql};

/// A service as others name it: `cinder-volume` on `host@backend`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Played {
    /// Kind.
    pub binary: String,
    /// Host, with its backend where it has one.
    pub host: String,
}

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its own name, another with each start.
    pub id: String,
    /// What it plays.
    pub services: Vec<Played>,
    /// What it logs, or will within a moment.
    pub levels: LogLevels,
}

/// The process lives. Answers what it is to log: what it says itself when nobody knows of it yet.
///
/// # Errors
/// [`DbError`].
pub async fn live(tx: &mut Tx, process: &Process, now: Timestamp) -> Result<LogLevels, DbError> {
    let values = args![now.micros(), &process.id];
    let known = tx.execute("UPDATE ashlar_log_levels SET seen_at = ? WHERE id = ?", values).await?;
    if known == 0 {
        let services =
            serde_json::to_string(&process.services).expect("names of services are plain data");
        tx.execute(
            "INSERT INTO ashlar_log_levels (id, services, levels, seen_at) VALUES (?, ?, ?, ?)",
            args![&process.id, &services, process.levels.to_string(), now.micros()],
        )
        .await?;
        return Ok(process.levels.clone());
    }
    let sql = "SELECT levels FROM ashlar_log_levels WHERE id = ?";
    let row = tx.row(sql, args![&process.id]).await?;
    let text = row.map(|row| row.get::<String>(0)).transpose()?;
    Ok(text.map_or_else(|| process.levels.clone(), |text| LogLevels::from(text.as_str())))
}

/// The processes that were seen at `since` or later, by name. With `locked` nobody else changes them until the
/// transaction ends.
///
/// # Errors
/// [`DbError`].
pub async fn list(tx: &mut Tx, since: Timestamp, locked: bool) -> Result<Vec<Process>, DbError> {
    let lock = if locked { tx.engine().for_update() } else { "" };
    let sql = format!(
        "SELECT id, services, levels FROM ashlar_log_levels WHERE seen_at >= ? ORDER BY id{lock}"
    );
    tx.rows(&sql, args![since.micros()]).await?.into_iter().map(read).collect()
}

/// The process is to log this from now on.
///
/// # Errors
/// [`DbError`].
pub async fn set(tx: &mut Tx, id: &str, levels: &LogLevels) -> Result<(), DbError> {
    let sql = "UPDATE ashlar_log_levels SET levels = ? WHERE id = ?";
    tx.execute(sql, args![levels.to_string(), id]).await.map(drop)
}

/// The process ends.
///
/// # Errors
/// [`DbError`].
pub async fn end(tx: &mut Tx, id: &str) -> Result<(), DbError> {
    tx.execute("DELETE FROM ashlar_log_levels WHERE id = ?", args![id]).await.map(drop)
}

/// Removes processes that were last seen before `before`; answers how many went, at most `limit`.
///
/// # Errors
/// [`DbError`].
pub async fn prune(tx: &mut Tx, before: Timestamp, limit: usize) -> Result<u64, DbError> {
    let which = "SELECT id FROM ashlar_log_levels WHERE seen_at < ? LIMIT ?";
    sql::delete_by_id(tx, "ashlar_log_levels", which, args![before.micros(), limit]).await
}

fn read(row: Row) -> Result<Process, DbError> {
    let services: String = row.get(1)?;
    let levels: String = row.get(2)?;
    let services = serde_json::from_str(&services)
        .map_err(|error| DbError::Row { index: 1, wrong: error.to_string() })?;
    Ok(Process { id: row.get(0)?, services, levels: LogLevels::from(levels.as_str()) })
}
