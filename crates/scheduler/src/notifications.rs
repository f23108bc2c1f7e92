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
        "timestamp": notification.created_at.to_string().replace('T', " "),
    })
    .to_string();
    let (event_type, request) = (&notification.event_type, &notification.request_id);
    match notification.priority.as_str() {
        "ERROR" | "CRITICAL" => {
            tracing::error!(target: "notification", event_type, request, "{message}");
        }
        "WARN" => tracing::warn!(target: "notification", event_type, request, "{message}"),
        _ => tracing::info!(target: "notification", event_type, request, "{message}"),
    }
}

#[cfg(test)]
mod tests {
    use ashlar_db::testing::databases;
    use ashlar_types::{NotificationId, Timestamp};

    use super::*;

    async fn put_out(db: &Db, number: i64) {
        let mut tx = db.begin().await.expect("begins");
        for at in 0..number {
            let notification = Notification {
                id: NotificationId::random(),
                event_type: "scheduler.create_volume".to_owned(),
                priority: "ERROR".to_owned(),
                publisher_id: "scheduler.node".to_owned(),
                request_id: "req-1".to_owned(),
                payload: json!({ "number": at }),
                created_at: Timestamp::from_micros(at),
            };
            notifications::insert(&mut tx, &notification).await.expect("stored");
        }
        tx.commit().await.expect("commits");
    }

    /// How many wait, whoever has hold of them.
    async fn waiting(db: &Db) -> u64 {
        let mut tx = db.read().await.expect("begins");
        let row = tx.row("SELECT COUNT(*) FROM ashlar_notifications", &[]).await.expect("counted");
        row.expect("a count").get(0).expect("a number")
    }

    #[tokio::test]
    async fn a_sender_that_dies_loses_none() {
        for test in databases().await {
            put_out(&test.db, 3).await;
            let mut tx = test.db.begin().await.expect("begins");
            assert_eq!(send_portion(&mut tx).await.expect("sent"), 3);
            // It dies before that is committed.
            drop(tx);
            assert_eq!(waiting(&test.db).await, 3);
            // A server may need a moment to give up what the dead one had hold of.
            let sent = async {
                while waiting(&test.db).await > 0 {
                    send(&test.db).await.expect("sent");
                }
            };
            tokio::time::timeout(Duration::from_secs(60), sent).await.expect("all is sent");
        }
    }

    #[tokio::test]
    async fn all_that_waits_is_sent_however_much_it_is() {
        for test in databases().await {
            put_out(&test.db, 2 * i64::try_from(PORTION).expect("a few") + 1).await;
            send(&test.db).await.expect("sent");
            assert_eq!(waiting(&test.db).await, 0);
        }
    }
}
