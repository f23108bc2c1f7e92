//! Metrics that are states and not events: read from the tables when somebody asks for `/metrics`, so that they
//! are the same whichever process is asked, and cost nothing in between.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ashlar_db::flows::{self, Unfinished};
use ashlar_db::notifications::{self, Backlog};
use ashlar_db::{Db, DbError, pools};
use ashlar_types::{Pool, Timestamp, metric};
use tokio::time::timeout;

/// Kinds and phases of flows told so far. What is no longer in the table must be told to be none: a gauge keeps
/// its last value. It stands beside the recorder, of which there is one in a process too.
static TOLD: Mutex<BTreeSet<(String, String)>> = Mutex::new(BTreeSet::new());

/// How long the tables may take. Whoever collects metrics waits about ten seconds in all.
const PATIENCE: Duration = Duration::from_secs(3);

/// Sets the gauges of flows, pools and waiting notifications to what the tables say now. When the database is away, or
/// takes more than 3 s, they keep their last values; the other metrics, which may say why, are told all the same.
pub async fn refresh(db: &Db, now: Timestamp) {
    match timeout(PATIENCE, read(db)).await {
        Ok(Ok((unfinished, pools, backlog))) => {
            tell_flows(&unfinished, now);
            pools.iter().for_each(tell_pool);
            tell_backlog(backlog, now);
        }
        Ok(Err(error)) => tracing::warn!(%error, "gauges keep their last values"),
        Err(error) => {
            tracing::warn!(%error, "gauges keep their last values: no answer from the database")
        }
    }
}

async fn read(db: &Db) -> Result<(Vec<Unfinished>, Vec<Pool>, Backlog), DbError> {
    let mut tx = db.read().await?;
    let (unfinished, pools) = (flows::unfinished(&mut tx).await?, pools::list_all(&mut tx).await?);
    Ok((unfinished, pools, notifications::backlog(&mut tx).await?))
}

fn tell_flows(unfinished: &[Unfinished], now: Timestamp) {
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, phase) in told.iter() {
        if !unfinished.iter().any(|found| found.name == *name && found.phase == *phase) {
            metrics::gauge!(metric::FLOWS, "flow" => name.clone(), "phase" => phase.clone())
                .set(0.0);
        }
    }
    for found in unfinished {
        let (name, phase) = (found.name.clone(), found.phase.clone());
        metrics::gauge!(metric::FLOWS, "flow" => name.clone(), "phase" => phase.clone())
            .set(found.count as f64);
        told.insert((name, phase));
    }
    let oldest = unfinished.iter().map(|found| found.oldest).min();
    let age = oldest.map_or(0.0, |oldest| now.since(oldest).as_secs_f64());
    metrics::gauge!(metric::OLDEST_FLOW_SECONDS).set(age);
}

/// A capacity that the backend does not know is left out; one without end is.
fn tell_pool(pool: &Pool) {
    use ashlar_types::Capacity;
    let name = pool.name.as_str();
    let told = [
        (metric::POOL_TOTAL_GIB, pool.stats.capacity("total_capacity_gb")),
        (metric::POOL_FREE_GIB, pool.stats.capacity("free_capacity_gb")),
        (metric::POOL_ALLOCATED_GIB, Capacity::Gib(pool.allocated as f64)),
        (metric::POOL_HELD_GIB, Capacity::Gib(pool.held as f64)),
    ];
    for (gauge, capacity) in told {
        let value = match capacity {
            Capacity::Gib(gib) => gib,
            Capacity::Infinite => f64::INFINITY,
            Capacity::Unknown => continue,
        };
        metrics::gauge!(gauge, "pool" => name.to_owned()).set(value);
    }
}

fn tell_backlog(backlog: Backlog, now: Timestamp) {
    metrics::gauge!(metric::NOTIFICATIONS_WAITING).set(backlog.waiting as f64);
    let age = backlog.oldest.map_or(0.0, |oldest| now.since(oldest).as_secs_f64());
    metrics::gauge!(metric::OLDEST_NOTIFICATION_SECONDS).set(age);
}

#[cfg(test)]
mod tests {
    use ashlar_db::notifications::Notification;
    use ashlar_db::transact;
    use ashlar_types::NotificationId;
    use metrics_exporter_prometheus::PrometheusBuilder;
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::House;

    #[tokio::test]
    async fn the_outbox_says_how_many_wait_and_for_how_long() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let _here = metrics::set_default_local_recorder(&recorder);
        let house = House::furnished().await;
        let (db, clock) = (&house.app.db, &house.app.clock);
        let told = async |waiting: &str, seconds: &str| {
            refresh(db, clock.now()).await;
            let text = recorder.handle().render();
            for line in [
                format!("ashlar_notifications_waiting {waiting}\n"),
                format!("ashlar_oldest_notification_seconds {seconds}\n"),
            ] {
                assert!(text.contains(&line), "{line}{text}");
            }
        };
        told("0", "0").await;
        let mut all = Vec::new();
        for _ in 0..2 {
            all.push(Notification {
                id: NotificationId::fresh(),
                event_type: "volume.create.end".to_owned(),
                priority: "INFO".to_owned(),
                publisher_id: "volume.h@b".to_owned(),
                request_id: "req-1".to_owned(),
                context: Value::Null,
                payload: json!({}),
                created_at: clock.now(),
            });
            clock.advance(Duration::from_secs(90));
        }
        let put: Result<(), DbError> = transact!(db, tx => notifications::insert(tx, &all).await);
        put.expect("they wait");
        told("2", "180").await;
    }
}
