//! One backend: its set-up, its heartbeat and its reports.

use std::sync::Arc;
use std::time::Duration;

use ashlar_db::pools::Asked;
use ashlar_db::volumes::{Deleting, has_living};
use ashlar_db::{Db, DbError, pools, services, transact};
use ashlar_drivers::{Driver, DriverError};
use ashlar_operations::attachments;
use ashlar_operations::turns::Turns;
use ashlar_operations::{ImageCache, Images, Settings, VolumeContext};
use ashlar_types::{BackendName, Clock, PoolStats};
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::BINARY;

/// A configured driver on this host.
pub struct Backend {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Options.
    pub settings: Arc<Settings>,
    /// `host@backend`.
    pub name: BackendName,
    /// Its zone.
    pub availability_zone: String,
    /// Its driver.
    pub driver: Arc<dyn Driver>,
    /// Attempts at placing one volume, over all backends.
    pub max_attempts: u32,
    /// `report_interval`: how often it says that it lives.
    pub report_interval: Duration,
    /// `backend_stats_polling_interval`: how often it reports what it holds.
    pub stats_interval: Duration,
    /// Identity of its service row; known once started.
    pub service_uuid: Option<String>,
    /// Glance, where one is configured.
    pub images: Option<Arc<Images>>,
    /// Its image cache, where it has one.
    pub cache: Option<Arc<ImageCache>>,
    /// Rung by tasks when something was removed from it.
    pub freed: Arc<Notify>,
    /// Whose turn it is to change how a volume is offered to hosts.
    pub turns: Turns,
}

/// How far apart two reports are at least, when what is removed asks for them.
const PAUSE: Duration = Duration::from_secs(1);
/// Before the first report that is to catch up; doubles up to `backend_stats_polling_interval`.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// A backend that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// The driver says so.
    #[error("backend {backend} cannot be used: {source}")]
    Driver {
        /// `host@backend`.
        backend: BackendName,
        /// Why.
        source: DriverError,
    },
    /// The tables have volumes there, and there is nothing at all.
    #[error(
        "backend {backend} cannot be used: the tables have volumes on it but it holds none; is its \
         directory mounted?"
    )]
    Empty {
        /// `host@backend`.
        backend: BackendName,
    },
    /// The database failed.
    #[error("backend {backend} cannot be registered")]
    Database {
        /// `host@backend`.
        backend: BackendName,
        /// Why.
        source: DbError,
    },
}

impl NotReady {
    /// The innermost cause, which says what happened to whom.
    #[must_use]
    pub fn deepest(&self) -> String {
        let mut cause: &dyn std::error::Error = self;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        cause.to_string()
    }
}

impl Backend {
    /// Sets the driver up, registers the service and makes the first report. What is allocated is counted
    /// anew from the rows: Cinder may have worked on the database meanwhile, and it does not count.
    ///
    /// `deleting` says what a delete means that is under way: before a crash this process may have removed
    /// the data, but while the backend waits for its late start nobody removes anything.
    ///
    /// # Errors
    /// [`NotReady`], with the reason.
    pub(crate) async fn start(&mut self, deleting: Deleting) -> Result<(), NotReady> {
        let failed = |source| NotReady::Driver { backend: self.name.clone(), source };
        self.driver.check_setup().await.map_err(failed)?;
        let database = |source| NotReady::Database { backend: self.name.clone(), source };
        let asked = self.ask().await.map_err(database)?;
        let stats = self.driver.stats().await.map_err(failed)?;
        if self.driver.holds_anything().await.map_err(failed)? == Some(false) {
            self.check_may_be_empty(&stats, deleting).await?;
        }
        let now = self.clock.now();
        let registered: Result<_, DbError> = transact!(self.db, tx => async {
            let zone = &self.availability_zone;
            let service =
                services::heartbeat(tx, self.name.as_str(), BINARY, zone, now).await?;
            pools::report(tx, &self.name, zone, &stats, &asked, now).await?;
            let corrected = pools::correct(tx, &self.name).await?;
            Ok::<_, DbError>((service, corrected))
        }.await);
        let (service, corrected) = registered.map_err(database)?;
        for (pool, taken) in corrected {
            tracing::warn!(%pool, ?taken, "what the pool's row said was taken did not agree with the rows");
        }
        self.service_uuid = service.uuid;
        tracing::info!(backend = %self.name, pools = stats.len(), "backend is ready");
        Ok(())
    }

    /// Refuses an empty backend on which the tables have volumes: most likely its disk is not mounted, and
    /// deletes would find nothing to remove and take the rows away.
    async fn check_may_be_empty(
        &self,
        pools: &[PoolStats],
        deleting: Deleting,
    ) -> Result<(), NotReady> {
        let failed = |source| NotReady::Database { backend: self.name.clone(), source };
        let mut tx = self.db.read().await.map_err(failed)?;
        for pool in pools {
            let pool = self.name.pool(&pool.pool_name);
            if has_living(&mut tx, &pool, deleting).await.map_err(failed)? {
                return Err(NotReady::Empty { backend: self.name.clone() });
            }
        }
        Ok(())
    }

    pub(crate) fn context(&self) -> VolumeContext {
        VolumeContext {
            db: self.db.clone(),
            clock: self.clock.clone(),
            settings: Arc::clone(&self.settings),
            backend: self.name.clone(),
            driver: Arc::clone(&self.driver),
            service_uuid: self.service_uuid.clone(),
            max_attempts: self.max_attempts,
            images: self.images.clone(),
            cache: self.cache.clone(),
            freed: Arc::clone(&self.freed),
            turns: self.turns.clone(),
        }
    }

    /// Heartbeats, reports, and sees to what is offered to hosts, until told to stop.
    pub(crate) async fn run(&self, stop: CancellationToken) {
        tokio::join!(self.tell(stop.clone()), self.see_to_exports(stop));
    }

    /// Offers the volumes that hosts use, at once and again with every `report_interval`: the target software may be
    /// started anew while we run. Beside the reports, since it may hang.
    async fn see_to_exports(&self, stop: CancellationToken) {
        let context = self.context();
        let mut ticker = tokio::time::interval(self.report_interval);
        ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut first = true;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticker.tick() => {}
            }
            tokio::select! {
                () = stop.cancelled() => return,
                seen_to = attachments::see_to(&context, first) => match seen_to {
                    Ok(()) => first = false,
                    Err(error) => {
                        tracing::error!(backend = %self.name, %error, "cannot see which volumes are to be offered to hosts");
                    }
                }
            }
        }
    }

    /// Heartbeats and reports; what is removed from the backend is reported soon. A backend whose driver fails falls silent and counts
    /// as down after a while; it comes back with the next report that works.
    async fn tell(&self, stop: CancellationToken) {
        let mut beats = tokio::time::interval(self.report_interval);
        let mut reports = tokio::time::interval(self.stats_interval);
        for ticker in [&mut beats, &mut reports] {
            ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
            // The first tick is at once, and `start` has just reported.
            ticker.tick().await;
        }
        let mut works = true;
        let mut last_report = Instant::now();
        // When to report out of turn: soon after something was removed, and while the last report did not know of all
        // that is taken, which hides room until one does.
        let mut due: Option<Instant> = None;
        let mut pause = FIRST_PAUSE;
        loop {
            let reporting = tokio::select! {
                () = stop.cancelled() => return,
                _ = beats.tick() => !works,
                _ = reports.tick() => true,
                () = self.freed.notified() => {
                    let soon = last_report + PAUSE;
                    due = Some(due.map_or(soon, |due| due.min(soon)));
                    continue;
                }
                () = tokio::time::sleep_until(due.unwrap_or(last_report)), if due.is_some() => true,
            };
            if reporting {
                (last_report, due) = (Instant::now(), None);
            }
            let outcome =
                if reporting { self.report().await } else { self.beat().await.map(|()| false) };
            if reporting {
                let behind = outcome.as_ref().is_ok_and(|behind| *behind);
                due = behind.then(|| last_report + pause);
                // What takes long to make is not asked about each second.
                pause = if behind { self.stats_interval.min(pause * 2) } else { FIRST_PAUSE };
            }
            if let Err(error) = &outcome {
                tracing::error!(backend = %self.name, error = %error, "backend does not report");
            } else if !works {
                tracing::info!(backend = %self.name, "backend reports again");
            }
            works = outcome.is_ok();
        }
    }

    async fn beat(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let now = self.clock.now();
        let zone = &self.availability_zone;
        let beaten: Result<_, DbError> = transact!(self.db, tx =>
            services::heartbeat(tx, self.name.as_str(), BINARY, zone, now).await);
        beaten?;
        Ok(())
    }

    /// What is known before the driver is asked.
    async fn ask(&self) -> Result<Asked, DbError> {
        pools::ask(&mut self.db.read().await?, &self.name, self.clock.now()).await
    }

    /// Reports; answers whether something is taken that the report cannot know of.
    async fn report(&self) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        let asked = self.ask().await?;
        let stats = self.driver.stats().await?;
        self.beat().await?;
        let now = self.clock.now();
        let zone = &self.availability_zone;
        let reported: Result<_, DbError> = transact!(self.db, tx => pools::report(tx, &self.name, zone, &stats, &asked, now).await);
        reported?;
        Ok(pools::unreported(&mut self.db.read().await?, &self.name).await? > 0)
    }
}

#[cfg(test)]
mod tests;
