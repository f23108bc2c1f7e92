//! What all roles of a process share: the database, the bus, the time, the options, and how a worker is made.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context as _;
use ashlar_bus::Bus;
use ashlar_clients::keystone::Keystone;
use ashlar_clients::nova::Nova;
use ashlar_db::{DatabaseUrl, Db, migrate};
use ashlar_flow::Runner;
use ashlar_operations::facts::Sources;
use ashlar_operations::options_file::{self, OptionsFile};
use ashlar_operations::worker::{Worker, release_earlier_lives};
use ashlar_operations::{House, Images, SchedulerContext, VolumeContext};
use ashlar_scheduler::Scheduler;
use ashlar_types::Clock;

use super::lock::{self, Lock, Share};
use super::translate;
use crate::commands::connect;
use crate::config::Settings;

/// Longest name of a service within a worker's name: the column holds 64 characters, 33 of which are a slash
/// and the instance.
const LONGEST_SERVICE: usize = 31;

/// A process with its database.
pub(crate) struct Shared {
    /// The database.
    pub(crate) db: Db,
    /// The bells of this process.
    pub(crate) bus: Bus,
    /// The time.
    pub(crate) clock: Clock,
    /// What operations read.
    pub(crate) settings: Arc<ashlar_operations::Settings>,
    /// Our account at Keystone (`[keystone_authtoken]`), one login for all that need it.
    pub(crate) service_account: Option<Arc<Keystone>>,
    /// Glance, when the configuration says where it is.
    pub(crate) images: Option<Arc<Images>>,
    /// Nobody else works on this database.
    alone: bool,
    /// What keeps others off, as long as this lives.
    locks: Vec<Lock>,
}

impl Shared {
    /// For `serve`: makes the tables, and is alone on an embedded database.
    pub(crate) async fn open_alone(settings: &Settings) -> anyhow::Result<Self> {
        let lock = lock::state(settings)?;
        let mut shared = Self::open(settings, Share::Alone).await?;
        migrate::sync(&shared.db).await.context(url(settings))?;
        shared.locks.push(lock);
        Ok(shared)
    }

    /// For a role in a process of its own: the tables must be there, and others work on them too.
    pub(crate) async fn open_shared(settings: &Settings) -> anyhow::Result<Self> {
        let shared = Self::open(settings, Share::Together).await?;
        migrate::require_current(&shared.db).await.context(url(settings))?;
        if matches!(settings.database.url, DatabaseUrl::Sqlite(_)) {
            tracing::warn!(
                "several processes on one SQLite file wait for each other's writes; use `ashlar serve`, or \
                 PostgreSQL or MariaDB"
            );
        }
        if settings.has_transport_url && settings.notifications.rabbit.is_none() {
            tracing::warn!(
                "transport_url is not used: processes find work by polling the database, and no notifications \
                 are to be sent"
            );
        }
        Ok(shared)
    }

    async fn open(settings: &Settings, share: Share) -> anyhow::Result<Self> {
        let mut locks = Vec::new();
        if let DatabaseUrl::Sqlite(path) = &settings.database.url {
            locks.push(lock::database(path, share)?);
        }
        let clock = Clock::System;
        let service_account = service_account(settings, &clock)?;
        Ok(Self {
            db: connect(settings).await?,
            bus: Bus::local(),
            images: translate::images(settings, service_account.clone())?,
            service_account,
            clock,
            settings: Arc::new(translate::operations(settings)),
            alone: share == Share::Alone && !locks.is_empty(),
            locks,
        })
    }

    /// The scheduler of this process, after its first heartbeat.
    pub(crate) async fn scheduler(&self, settings: &Settings) -> anyhow::Result<Scheduler> {
        let scheduler = Scheduler {
            db: self.db.clone(),
            clock: self.clock.clone(),
            settings: Arc::clone(&self.settings),
            host: settings.host.clone(),
            rules: settings.placement.clone(),
            sources: self.sources(settings)?,
            report_interval: settings.service.report_interval,
            outlets: settings.notifications.clone(),
        };
        scheduler.report().await.context("the scheduler cannot be registered")?;
        Ok(scheduler)
    }

    /// Where placement learns what requests do not say.
    pub(crate) fn sources(&self, settings: &Settings) -> anyhow::Result<Sources> {
        let nova = match settings.nova.clone() {
            Some(reach) => Nova::new(reach, self.clock.clone()).context("[nova] cannot be used")?,
            None => Nova::unconfigured(),
        };
        let file = settings.placement_options.clone();
        let options = OptionsFile::new(file, options_file::INTERVAL, self.clock.clone());
        Ok(Sources { nova: Arc::new(nova), options: Arc::new(options) })
    }

    /// A runner for these roles. `service` is what the process is and where.
    pub(crate) fn runner(
        &self,
        service: String,
        scheduler: Option<SchedulerContext>,
        volumes: HashMap<String, VolumeContext>,
    ) -> Runner<House> {
        self.runner_at(self.bus.clone(), service, scheduler, volumes)
    }

    /// A second runner, for backends that came late. A ring wakes one listener only and must wake the first
    /// runner, so this one has a bell of its own that nobody rings.
    pub(crate) fn late_runner(
        &self,
        service: String,
        volumes: HashMap<String, VolumeContext>,
    ) -> Runner<House> {
        self.runner_at(Bus::local(), service, None, volumes)
    }

    fn runner_at(
        &self,
        bus: Bus,
        service: String,
        scheduler: Option<SchedulerContext>,
        volumes: HashMap<String, VolumeContext>,
    ) -> Runner<House> {
        Worker {
            db: self.db.clone(),
            bus,
            clock: self.clock.clone(),
            service,
            scheduler,
            volumes,
            settings: ashlar_flow::Settings::default(),
            interrupt: None,
        }
        .runner()
    }

    /// Takes up at once what earlier lives left, instead of when their claims run out. To be called by one that
    /// holds the lock of its role alone, so that no other life of it is under way on this machine.
    pub(crate) async fn take_up(&self, runner: &Runner<House>) -> anyhow::Result<()> {
        let left = release_earlier_lives(&self.db, runner, self.alone).await?;
        if left > 0 {
            tracing::info!(operations = left, "taking up what an earlier run left");
        }
        Ok(())
    }
}

fn service_account(settings: &Settings, clock: &Clock) -> anyhow::Result<Option<Arc<Keystone>>> {
    let Some(identity) = &settings.identity else { return Ok(None) };
    let account = Keystone::new(identity.login.clone(), &identity.tls, clock.clone())
        .context("[keystone_authtoken] cannot be used")?;
    Ok(Some(Arc::new(account)))
}

fn url(settings: &Settings) -> String {
    settings.database.url.to_string()
}

/// `role@host`, cut to what a worker's name can hold; the same host is cut to the same name every time.
pub(crate) fn service(role: &str, host: &str) -> String {
    let whole = format!("{role}@{host}");
    if whole.chars().count() <= LONGEST_SERVICE {
        return whole;
    }
    let mark = format!("~{:08x}", checksum(&whole));
    let kept: String = whole.chars().take(LONGEST_SERVICE - mark.len()).collect();
    kept + &mark
}

/// FNV-1a: the same in every build, which the standard library's hasher does not promise.
fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_hosts_name_is_cut_and_stays_its_own() {
        assert_eq!(service("serve", "node-1"), "serve@node-1");
        let one = service("scheduler", "compute-0017.region-1.example.com");
        let other = service("scheduler", "compute-0018.region-1.example.com");
        assert_eq!(one.len(), LONGEST_SERVICE);
        assert_ne!(one, other);
        assert!(one.starts_with("scheduler@compute-0017"), "{one}");
    }
}
