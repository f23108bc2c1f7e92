//! The table `ashlar_notifications`: notifications on their way out. They are written in the transaction
//! that they tell of and removed once they are sent, so each is sent at least once.

use ashlar_types::{NotificationId, Timestamp};
use serde_json::Value;

use crate::{Arg, DbError, Tx, args, sql};

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
    /// What happened.
    pub payload: Value,
    /// When.
    pub created_at: Timestamp,
}

/// Puts a notification on its way.
///
/// # Errors
/// [`DbError`].
pub async fn insert(tx: &mut Tx, notification: &Notification) -> Result<(), DbError> {
    let n = notification;
    tx.execute(
        "INSERT INTO ashlar_notifications (id, event_type, priority, publisher_id, request_id, \
         payload, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        args![
            n.id,
            &n.event_type,
            &n.priority,
            &n.publisher_id,
            &n.request_id,
            n.payload.to_string(),
            n.created_at.micros(),
        ],
    )
    .await
    .map(drop)
}

/// The oldest that wait, at most `limit`, oldest first. They are the caller's until the transaction ends:
/// another sender passes over them.
///
/// # Errors
/// [`DbError`].
pub async fn oldest(tx: &mut Tx, limit: usize) -> Result<Vec<Notification>, DbError> {
    let sql = format!(
        "SELECT id, event_type, priority, publisher_id, request_id, payload, created_at FROM \
         ashlar_notifications ORDER BY created_at LIMIT ?{}",
        tx.engine().for_update_skip_locked()
    );
    let mut found = Vec::new();
    for row in tx.rows(&sql, args![limit]).await? {
        let mut row = row.reader();
        found.push(Notification {
            id: row.next()?,
            event_type: row.next()?,
            priority: row.next()?,
            publisher_id: row.next()?,
            request_id: row.next()?,
            payload: serde_json::from_str(&row.next::<String>()?)
                .map_err(|wrong| DbError::row(5, wrong.to_string()))?,
            created_at: Timestamp::from_micros(row.next()?),
        });
    }
    Ok(found)
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
