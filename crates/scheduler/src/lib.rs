//! The scheduler role: it lends the runner what placing tasks need, says that it lives, and keeps house.

mod housekeeping;
mod notifications;

pub use notifications::Outlets;

use std::sync::Arc;
use std::time::Duration;

use ashlar_db::{Db, DbError, services, transact};
use ashlar_operations::facts::Sources;
use ashlar_operations::placing::Placer;
use ashlar_operations::pool_table::PoolTable;
use ashlar_operations::{SchedulerContext, Settings};
use ashlar_placement::Rules;
use ashlar_types::Clock;
use notifications::Sender;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// Name of the service row's binary, as Cinder has it.
pub const BINARY: &str = "cinder-scheduler";

/// A scheduler.
#[derive(Clone)]
pub struct Scheduler {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Options.
    pub settings: Arc<Settings>,
    /// `host`.
    pub host: String,
    /// Filters and weighers.
    pub rules: Rules,
    /// Where facts about requests come from.
    pub sources: Sources,
    /// `report_interval`: how often it says that it lives.
    pub report_interval: Duration,
    /// Where notifications go.
    pub outlets: Outlets,
}

impl Scheduler {
    /// What its tasks may touch.
    #[must_use]
    pub fn context(&self) -> SchedulerContext {
        let down_time = self.settings.service_down_time;
        let ratio = self.rules.max_over_subscription_ratio();
        let pools = PoolTable::new(self.db.clone(), self.clock.clone(), down_time, ratio);
        let (db, clock, rules) = (self.db.clone(), self.clock.clone(), self.rules.clone());
        SchedulerContext {
            db: self.db.clone(),
            clock: self.clock.clone(),
            settings: Arc::clone(&self.settings),
            rules: self.rules.clone(),
            host: self.host.clone(),
            sources: self.sources.clone(),
            placer: Placer::telling((db, clock), rules, pools, Arc::clone(&self.settings)),
        }
    }

    /// Says that it lives, once.
    ///
    /// # Errors
    /// [`DbError`], classified.
    pub async fn report(&self) -> Result<(), DbError> {
        let zone = &self.settings.storage_availability_zone;
        let now = self.clock.now();
        let reported: Result<_, DbError> = transact!(self.db, tx =>
            services::heartbeat(tx, &self.host, BINARY, zone, now).await);
        reported.map(drop)
    }

    /// Says that it lives, sends what waits in the outbox and keeps house, until told to stop. Each goes its own way, so
    /// that a long one keeps none of the others waiting. A failure is logged and tried again.
    pub async fn run(&self, stop: CancellationToken) {
        let living = async {
            let mut ticks = ticks(self.report_interval);
            while next(&mut ticks, &stop).await {
                log(self.report().await);
            }
        };
        let sending = async {
            if self.settings.notifications {
                let (db, clock) = (self.db.clone(), self.clock.clone());
                Sender::new(db, clock, self.outlets.clone()).run(stop.clone()).await;
            }
        };
        let keeping = async {
            let mut ticks = ticks(housekeeping::INTERVAL);
            while next(&mut ticks, &stop).await {
                // It may take long, and what is left of it can be done another time.
                let kept = housekeeping::run(&self.db, &self.clock);
                if let Some(kept) = stop.run_until_cancelled(kept).await {
                    log(kept);
                }
            }
        };
        tokio::join!(living, sending, keeping);
    }
}

fn ticks(interval: Duration) -> Interval {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Waits for the next tick; `false` when told to stop.
async fn next(ticks: &mut Interval, stop: &CancellationToken) -> bool {
    stop.run_until_cancelled(ticks.tick()).await.is_some()
}

fn log(outcome: Result<(), DbError>) {
    if let Err(error) = outcome {
        tracing::error!(%error, cause = ?std::error::Error::source(&error), "scheduler: the database failed");
    }
}
