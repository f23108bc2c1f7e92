//! The table `ashlar_notifications`: notifications on their way out. They are written in the transaction
//! that they tell of and removed once they are sent, so each is sent at least once.

mod told;

use ashlar_types::{FlowId, NotificationId, Timestamp};
use serde_json::Value;

use crate::{Arg, DbError, Tx, args, sql};

pub use told::{Told, group_snapshots, groups, snapshots, volumes};

/// An event that Ceilometer and friends consume.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// Identity, the message's `message_id`.
    pub id: NotificationId,
    /// `scheduler.create_volume`, …
    pub event_type: String,
    /// `INFO`, `ERROR`, …
    pub priority: String,
    /// `scheduler.host`, …
    pub publisher_id: String,
    /// The request that led to it.
    pub request_id: String,
    /// Who asked, as an object under oslo.context's names; null when nobody knows.
    pub context: Value,
    /// What happened.
    pub payload: Value,
    /// When.
    pub created_at: Timestamp,
}

const INSERT: &str = "INSERT INTO ashlar_notifications (id, event_type, priority, publisher_id, \
                      request_id, context, payload, created_at) VALUES ";

/// Puts notifications on their way, a statement for many of them. They go out in the order of `created_at`.
///
/// # Errors
/// [`DbError`].
pub async fn insert(tx: &mut Tx, all: &[Notification]) -> Result<(), DbError> {
    for part in sql::powers(all) {
        let rows = vec!["(?, ?, ?, ?, ?, ?, ?, ?)"; part.len()].join(", ");
        let values: Vec<Arg<'_>> = part.iter().flat_map(cells).collect();
        tx.execute(&format!("{INSERT}{rows}"), &values).await?;
    }
    Ok(())
}

fn cells(n: &Notification) -> [Arg<'_>; 8] {
    [
        n.id.into(),
        (&n.event_type).into(),
        (&n.priority).into(),
        (&n.publisher_id).into(),
        (&n.request_id).into(),
        (!n.context.is_null()).then(|| n.context.to_string()).into(),
        n.payload.to_string().into(),
        n.created_at.micros().into(),
    ]
}

/// The oldest that wait, at most `limit`, oldest first. Who sends them has the lease [`LEASE`].
///
/// # Errors
/// [`DbError`].
pub async fn oldest(tx: &mut Tx, limit: usize) -> Result<Vec<Notification>, DbError> {
    let sql = "SELECT id, event_type, priority, publisher_id, request_id, context, payload, \
               created_at FROM ashlar_notifications ORDER BY created_at LIMIT ?";
    let mut found = Vec::new();
    for row in tx.rows(sql, args![limit]).await? {
        let mut row = row.reader();
        found.push(Notification {
            id: row.next()?,
            event_type: row.next()?,
            priority: row.next()?,
            publisher_id: row.next()?,
            request_id: row.next()?,
            context: match row.next::<Option<String>>()? {
                Some(text) => json(5, &text)?,
                None => Value::Null,
            },
            payload: json(6, &row.next::<String>()?)?,
            created_at: Timestamp::from_micros(row.next()?),
        });
    }
    Ok(found)
}

fn json(column: usize, text: &str) -> Result<Value, DbError> {
    serde_json::from_str(text).map_err(|wrong| DbError::row(column, wrong.to_string()))
}

/// The lease of the process that sends notifications: one alone keeps them in order and sends each once.
pub const LEASE: &str = "notifications";

/// What waits to be sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many; [`MOST_COUNTED`] stands for as many and more.
    pub waiting: u64,
    /// When the oldest was written; none when none waits.
    pub oldest: Option<Timestamp>,
}

/// As far as it is counted what waits, so that a look at it takes a moment however long the outbox is.
pub const MOST_COUNTED: u64 = 1_000_000;

/// How much waits.
///
/// # Errors
/// [`DbError`].
pub async fn backlog(tx: &mut Tx) -> Result<Backlog, DbError> {
    let sql = format!(
        "SELECT (SELECT COUNT(*) FROM (SELECT created_at FROM ashlar_notifications \
         LIMIT {MOST_COUNTED}) AS counted), (SELECT MIN(created_at) FROM ashlar_notifications)"
    );
    let Some(row) = tx.row(&sql, &[]).await? else { return Ok(Backlog::default()) };
    let mut row = row.reader();
    let waiting = row.next()?;
    Ok(Backlog { waiting, oldest: row.next::<Option<i64>>()?.map(Timestamp::from_micros) })
}

/// The request that a flow works for, and the project of what it is about.
///
/// # Errors
/// [`DbError`].
pub async fn asker(tx: &mut Tx, flow: FlowId) -> Result<Option<(String, String)>, DbError> {
    let sql = "SELECT request_id, project_id FROM ashlar_flows WHERE id = ?";
    let Some(mut row) = tx.row(sql, args![flow]).await? else { return Ok(None) };
    let request: Option<String> = row.take(0)?;
    Ok(Some((request.unwrap_or_default(), row.take(1)?)))
}

/// Removes those that are sent; answers how many were there.
///
/// # Errors
/// [`DbError`].
pub async fn remove(tx: &mut Tx, ids: &[NotificationId]) -> Result<u64, DbError> {
    let mut gone = 0;
    for part in ids.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql =
            format!("DELETE FROM ashlar_notifications WHERE id IN ({})", sql::places(part.len()));
        let values: Vec<Arg<'_>> = part.into_iter().map(Arg::from).collect();
        gone += tx.execute(&sql, &values).await?;
    }
    Ok(gone)
}
