//! What a task may touch, by the role that executes it, and what the API's process needs to accept.

use std::sync::Arc;

use ashlar_bus::Bus;
use ashlar_clients::nova::Nova;
use ashlar_db::Db;
use ashlar_db::flows::FlowStore;
use ashlar_drivers::Driver;
use ashlar_flow::{Runner, World};
use ashlar_placement::Rules;
use ashlar_types::{BackendName, Clock};
use tokio::sync::Notify;

use crate::Settings;
use crate::dry_run::Judge;
use crate::facts::Sources;
use crate::images::{ImageCache, Images};
use crate::placing::Placer;
use crate::turns::Turns;
use crate::waiting::Waiting;
use crate::zones::Zones;

/// The world that our flows run in.
pub struct House;

impl World for House {
    type Store = FlowStore;
    type Scheduler = SchedulerContext;
    type Volume = VolumeContext;
}

/// What the API's process needs to accept requests.
#[derive(Clone)]
pub struct ApiContext {
    /// The database.
    pub db: Db,
    /// The doorbell.
    pub bus: Bus,
    /// The time.
    pub clock: Clock,
    /// Options.
    pub settings: Arc<Settings>,
    /// The zones there are.
    pub zones: Zones,
    /// The runner in this very process, when there is one: new flows go straight to it.
    pub runner: Option<Runner<House>>,
    /// What answers where a volume would go.
    pub judge: Arc<Judge>,
    /// Who knows which servers have which volumes.
    pub nova: Arc<Nova>,
    /// The requests that wait for the end of an operation.
    pub waiting: Waiting,
    /// Glance, where one is configured.
    pub images: Option<Arc<Images>>,
}

impl ApiContext {
    /// For what the house itself asks for in a process that need not have an API: new flows are found by polling, and
    /// nobody waits for their ends.
    #[must_use]
    pub fn inner(db: Db, bus: Bus, clock: Clock, settings: Arc<Settings>) -> Self {
        Self {
            zones: Zones::new(db.clone(), clock.clone()),
            db,
            bus,
            runner: None,
            judge: Arc::new(Judge::plain(clock.clone())),
            nova: Arc::new(Nova::unconfigured()),
            waiting: Waiting::default(),
            images: None,
            clock,
            settings,
        }
    }
}

/// What a scheduler's task may touch.
pub struct SchedulerContext {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Options.
    pub settings: Arc<Settings>,
    /// Filters and weighers.
    pub rules: Rules,
    /// Name of the machine, as `host` says.
    pub host: String,
    /// Where facts about requests come from.
    pub sources: Sources,
    /// Places volumes.
    pub placer: Placer,
}

/// What a volume service's task may touch: one backend.
pub struct VolumeContext {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Options.
    pub settings: Arc<Settings>,
    /// The backend's name.
    pub backend: BackendName,
    /// Its driver.
    pub driver: Arc<dyn Driver>,
    /// Identity of the service row.
    pub service_uuid: Option<String>,
    /// Attempts at placing one volume, over all backends.
    pub max_attempts: u32,
    /// Glance, where one is configured.
    pub images: Option<Arc<Images>>,
    /// Whose turn it is to change how a volume is offered to hosts.
    pub turns: Turns,
    /// The backend's image cache, where it has one.
    pub cache: Option<Arc<ImageCache>>,
    /// Rung when something was removed from the backend: only its next report gives the room back.
    pub freed: Arc<Notify>,
}
