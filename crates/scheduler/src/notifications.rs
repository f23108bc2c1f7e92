//! Sending what waits in the outbox. There is one way out so far: the log, which is what oslo.messaging's driver `log`
//! does. A message is sent before it is removed, so a crash may repeat one and loses none.

use std::time::Duration;

use ashlar_db::notifications::{self, Notification};
use ashlar_db::{Db, DbError, Tx, transact};
use serde_json::json;

/// How often the outbox is looked at.
pub(crate) const INTERVAL: Duration = Duration::from_secs(1);
/// Messages taken out by one transaction.
const PORTION: usize = 100;

/// Sends what waits, all of it.
///
/// # Errors
/// [`DbError`], classified.
pub(crate) async fn send(db: &Db) -> Result<(), DbError> {
    loop {
        let sent: Result<usize, DbError> = transact!(db, tx => send_portion(tx).await);
        if sent? < PORTION {
            return Ok(());
        }
    }
}

async fn send_portion(tx: &mut Tx) -> Result<usize, DbError> {
    let waiting = notifications::oldest(tx, PORTION).await?;
    for notification in &waiting {
        log(notification);
    }
    let ids: Vec<_> = waiting.iter().map(|notification| notification.id).collect();
    notifications::remove(tx, &ids).await?;
    Ok(waiting.len())
}

/// Writes the envelope as one line, at the level that its priority stands for.
fn log(notification: &Notification) {
    let message = json!({
        "message_id": notification.id,
        "publisher_id": notification.publisher_id,
        "event_type": notification.event_type,
        "priority": notification.priority,
        "payload": notification.payload,
        "timestamp": notification.created_at.to_string(),
    })
    .to_string();
    let event_type = &notification.event_type;
    match notification.priority.as_str() {
        "ERROR" | "CRITICAL" => tracing::error!(target: "notification", event_type, "{message}"),
        "WARN" => tracing::warn!(target: "notification", event_type, "{message}"),
        _ => tracing::info!(target: "notification", event_type, "{message}"),
    }
}
