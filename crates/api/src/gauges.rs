//! Metrics that are states and not events: read from the tables when somebody asks for `/metrics`, so that they
//! are the same whichever process is asked, and cost nothing in between.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ashlar_db::flows::{self, Unfinished};
use ashlar_db::{Db, DbError, pools};
use ashlar_types::{Pool, Timestamp, metric};
use tokio::time::timeout;

/// Kinds and phases of flows told so far. What is no longer in the table must be told to be none: a gauge keeps
/// its last value. It stands beside the recorder, of which there is one in a process too.
static TOLD: Mutex<BTreeSet<(String, String)>> = Mutex::new(BTreeSet::new());

/// How long the tables may take. Whoever collects metrics waits about ten seconds in all.
const PATIENCE: Duration = Duration::from_secs(3);

/// Sets the gauges of flows and pools to what the tables say now. When the database is away, or
/// takes more than 3 s, they keep their last values; the other metrics, which may say why, are told all the same.
pub async fn refresh(db: &Db, now: Timestamp) {
    match timeout(PATIENCE, read(db)).await {
        Ok(Ok((unfinished, pools))) => {
            tell_flows(&unfinished, now);
            pools.iter().for_each(tell_pool);
        }
        Ok(Err(error)) => tracing::warn!(%error, "gauges keep their last values"),
        Err(error) => {
            tracing::warn!(%error, "gauges keep their last values: no answer from the database")
        }
    }
}

async fn read(db: &Db) -> Result<(Vec<Unfinished>, Vec<Pool>), DbError> {
    let mut tx = db.read().await?;
    Ok((flows::unfinished(&mut tx).await?, pools::list_all(&mut tx).await?))
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
