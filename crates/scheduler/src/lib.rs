//! The scheduler role: it lends the runner what placing tasks need, says that it lives, and keeps house.

mod housekeeping;
mod notifications;

use std::sync::Arc;
use std::time::Duration;

use ashlar_db::{Db, DbError, services, transact};
use ashlar_operations::facts::Sources;
use ashlar_operations::placing::Placer;
use ashlar_operations::pool_table::PoolTable;
use ashlar_operations::{SchedulerContext, Settings};
use ashlar_placement::Rules;
use ashlar_types::Clock;
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
            placer: Placer::new(db, clock, rules, pools),
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

    /// Says that it lives and keeps house, until told to stop. A failure is logged and tried again.
    pub async fn run(&self, stop: CancellationToken) {
        let mut beats = tokio::time::interval(self.report_interval);
        beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut chores = tokio::time::interval(housekeeping::INTERVAL);
        chores.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut outgoing = tokio::time::interval(notifications::INTERVAL);
        outgoing.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let outcome = tokio::select! {
                () = stop.cancelled() => return,
                _ = beats.tick() => self.report().await,
                _ = chores.tick() => housekeeping::run(&self.db, &self.clock).await,
                _ = outgoing.tick(), if self.settings.notifications => {
                    notifications::send(&self.db).await
                }
            };
            if let Err(error) = outcome {
                tracing::error!(%error, cause = ?std::error::Error::source(&error), "scheduler: the database failed");
            }
        }
    }
}
