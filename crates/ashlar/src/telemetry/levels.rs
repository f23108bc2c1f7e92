//! Levels of the log that are set through the API while we run: this process says which services it plays, and looks with
//! every `report_interval` what it is to log.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use ashlar_api::OwnLog;
use ashlar_db::log_levels::{self, Played, Process};
use ashlar_db::{Db, DbError, transact};
use ashlar_types::{Clock, FlowId, LogLevels};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::log::Control;
use crate::config::Settings;

/// `binary` of what an API is called in Cinder.
const API: &str = "cinder-api";

/// What a process plays.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Roles {
    /// The API.
    pub(crate) api: bool,
    /// A scheduler.
    pub(crate) scheduler: bool,
    /// The backends of the configuration.
    pub(crate) volume: bool,
}

impl Roles {
    fn services(self, settings: &Settings) -> Vec<Played> {
        let played =
            |binary: &str, host: &str| Played { binary: binary.to_owned(), host: host.to_owned() };
        let host = &settings.host;
        let of_node = [(self.api, API), (self.scheduler, ashlar_scheduler::BINARY)];
        let of_node = of_node.into_iter().filter(|(plays, _)| *plays);
        let of_node = of_node.map(|(_, binary)| played(binary, host));
        let backends = settings.backends.iter().filter(|_| self.volume);
        let backends = backends.map(|backend| played(ashlar_volume::BINARY, backend.name.as_str()));
        of_node.chain(backends).collect()
    }
}

/// Keeps to the levels that are set.
pub(crate) struct Following {
    db: Db,
    clock: Clock,
    interval: Duration,
    control: Control,
    id: String,
    services: Vec<Played>,
}

impl Following {
    /// Makes the process known. `name` is what it is and where: `volume@node-1`.
    ///
    /// # Errors
    /// The database failed.
    pub(crate) async fn begin(
        (db, clock): (&Db, &Clock),
        settings: &Settings,
        (name, roles): (&str, Roles),
        control: Control,
    ) -> anyhow::Result<Self> {
        let following = Self {
            db: db.clone(),
            clock: clock.clone(),
            interval: settings.service.report_interval,
            control,
            id: format!("{name}/{}", FlowId::fresh().0.simple()),
            services: roles.services(settings),
        };
        following.look().await.context("the process cannot be made known")?;
        Ok(following)
    }

    /// The log of this process, for its API.
    pub(crate) fn own(&self) -> OwnLog {
        let control = self.control.clone();
        OwnLog::new(&self.id, Arc::new(move |levels: &LogLevels| control.apply(levels)))
    }

    /// Looks until told to stop; a failure is logged and tried again.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(self.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            if let Err(error) = self.look().await {
                tracing::error!(%error, "cannot see what is to be logged");
            }
        }
        let ended: Result<(), DbError> =
            transact!(self.db, tx => log_levels::end(tx, &self.id).await);
        if let Err(error) = ended {
            tracing::debug!(%error, "the process cannot be struck off");
        }
    }

    async fn look(&self) -> Result<(), DbError> {
        let (id, services) = (self.id.clone(), self.services.clone());
        let process = Process { id, services, levels: self.control.levels() };
        let now = self.clock.now();
        let levels: Result<LogLevels, DbError> =
            transact!(self.db, tx => log_levels::live(tx, &process, now).await);
        self.control.apply(&levels?);
        Ok(())
    }
}
