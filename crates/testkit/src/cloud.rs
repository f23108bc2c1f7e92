//! The cloud: every role in this process, on one test database.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ashlar_api::app::{ApiSettings, App, Parts};
use ashlar_bus::Bus;
use ashlar_db::Db;
use ashlar_db::testing::{self, TestDb};
use ashlar_drivers::Driver;
use ashlar_drivers::sim::{Sim, SimPool, SimSettings};
use ashlar_flow::{Interrupt, Runner};
use ashlar_operations::context::House;
use ashlar_operations::dry_run::Judge;
use ashlar_operations::facts::Sources;
use ashlar_operations::worker::{Worker, release_earlier_lives};
use ashlar_operations::zones::Zones;
use ashlar_operations::{ApiContext, CacheLimits, ImageCache, Images, Settings};
use ashlar_placement::Rules;
use ashlar_scheduler::{Outlets, Scheduler};
use ashlar_types::{BackendName, Clock};
use ashlar_volume::{Backend, VolumeService};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::Client;

/// The host that every service of a test cloud runs on.
pub const HOST: &str = "testhost";

/// The project that owns the volumes of image caches.
pub const CACHE_PROJECT: &str = "0ca0000000000000000000000000cace";

/// What a cloud is made of. The default is one `sim` backend with one pool of 1,000 GiB.
pub struct Plan {
    /// Backends by name. All are in the default zone.
    pub backends: Vec<(String, Arc<dyn Driver>)>,
    /// Options of operations.
    pub settings: Settings,
    /// Options of the API.
    pub api: ApiSettings,
    /// Filters and weighers.
    pub rules: Rules,
    /// Where facts about requests come from; no neighbours when not said.
    pub sources: Option<Sources>,
    /// Glance; none when not said.
    pub images: Option<Arc<Images>>,
    /// Every backend has an image cache with these bounds.
    pub cache: Option<CacheLimits>,
    /// Trouble.
    pub interrupt: Option<Arc<dyn Interrupt>>,
    /// How long a claim outlives its worker.
    pub lease: Duration,
    /// How often backends say that they live and see to their exports.
    pub report_interval: Duration,
    /// Nothing happens by itself: the API accepts, and nobody works on what it accepted.
    pub idle: bool,
}

impl Plan {
    /// A plan with this `sim` backend alone, named `sim`.
    #[must_use]
    pub fn with_sim(sim: &Sim) -> Self {
        Self::with_backends(vec![("sim".to_owned(), Arc::new(sim.clone()) as Arc<dyn Driver>)])
    }

    /// A plan with these backends.
    #[must_use]
    pub fn with_backends(backends: Vec<(String, Arc<dyn Driver>)>) -> Self {
        Self {
            backends,
            settings: Settings::default(),
            api: ApiSettings::default(),
            rules: Rules::default(),
            sources: None,
            images: None,
            cache: None,
            interrupt: None,
            lease: Duration::from_millis(600),
            report_interval: Duration::from_secs(10),
            idle: false,
        }
    }

    /// The same with nobody to do the work: what the API itself writes can be seen.
    #[must_use]
    pub fn idle(mut self) -> Self {
        self.idle = true;
        self
    }

    /// The same with other limits for every project.
    #[must_use]
    pub fn limits(mut self, limits: &[(&str, i64)]) -> Self {
        for (resource, limit) in limits {
            self.settings.limits.defaults.insert((*resource).to_owned(), *limit);
        }
        self
    }

    /// The same with trouble.
    #[must_use]
    pub fn interrupt(mut self, interrupt: Arc<dyn Interrupt>) -> Self {
        self.interrupt = Some(interrupt);
        self
    }
}

/// A simulated backend with one thin pool of 1,000 GiB.
#[must_use]
pub fn sim() -> Sim {
    Sim::new(SimSettings::new("sim", vec![SimPool::thin("pool", 1000)]))
}

/// A running cloud. It ends when dropped.
pub struct Cloud {
    /// The database, for looking behind the API.
    pub db: Db,
    /// Where the API listens.
    pub address: SocketAddr,
    /// The backends, for looking behind the drivers.
    pub backends: Vec<(String, Arc<dyn Driver>)>,
    /// Options of operations.
    pub settings: Arc<Settings>,
    /// The runner of all roles.
    pub runner: Runner<House>,
    /// What the API accepts operations with, for asking without HTTP in between.
    pub operations: ApiContext,
    stop: CancellationToken,
    // Dropped last: the database goes with it.
    _place: TestDb,
}

impl Cloud {
    /// A cloud on SQLite with one `sim` backend.
    ///
    /// # Panics
    /// When anything does not start.
    pub async fn start() -> Self {
        Self::on(testing::sqlite().await, Plan::with_sim(&sim())).await
    }

    /// A cloud as planned, on SQLite.
    ///
    /// # Panics
    /// When anything does not start.
    pub async fn planned(plan: Plan) -> Self {
        Self::on(testing::sqlite().await, plan).await
    }

    /// A cloud as planned, on this database.
    ///
    /// # Panics
    /// When anything does not start.
    pub async fn on(place: TestDb, plan: Plan) -> Self {
        let db = place.db.clone();
        let (clock, bus, stop) = (Clock::System, Bus::local(), CancellationToken::new());
        let settings = Arc::new(plan.settings);
        let sources = plan.sources.unwrap_or_else(|| Sources::none(clock.clone()));
        let scheduler = Scheduler {
            db: db.clone(),
            clock: clock.clone(),
            settings: Arc::clone(&settings),
            host: HOST.to_owned(),
            rules: plan.rules.clone(),
            sources: sources.clone(),
            report_interval: Duration::from_secs(10),
            outlets: Outlets::default(),
        };
        scheduler.report().await.expect("the scheduler can register");
        let (backends, attempts) = (&plan.backends, plan.rules.max_attempts());
        let volumes = open(
            backends,
            attempts,
            &db,
            &clock,
            (&settings, &plan.images, plan.report_interval, plan.cache, &bus),
        )
        .await;
        let runner = Worker {
            db: db.clone(),
            bus: bus.clone(),
            clock: clock.clone(),
            service: format!("serve@{HOST}"),
            scheduler: Some(scheduler.context()),
            volumes: volumes.contexts(),
            settings: ashlar_flow::Settings {
                lease: plan.lease,
                poll: Duration::from_millis(20),
                concurrency: 64,
            },
            interrupt: plan.interrupt,
        }
        .runner();
        release_earlier_lives(&db, &runner, true).await.expect("old claims can be given up");
        let operations = ApiContext {
            db: db.clone(),
            bus,
            clock: clock.clone(),
            settings: Arc::clone(&settings),
            zones: Zones::new(db.clone(), clock.clone()),
            runner: (!plan.idle).then(|| runner.clone()),
            nova: Arc::clone(&sources.nova),
            waiting: Default::default(),
            judge: Arc::new(Judge::new(plan.rules, sources)),
            images: plan.images,
        };
        let parts = Parts { settings: plan.api, metrics: None, operations: operations.clone() };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        tokio::spawn(ashlar_api::server::serve(listener, App::new(parts), stop.clone()));
        if !plan.idle {
            let (worker, ends) = (runner.clone(), stop.clone());
            tokio::spawn(async move { worker.run(ends).await });
        }
        let ends = stop.clone();
        tokio::spawn(async move { scheduler.run(ends).await });
        let ends = stop.clone();
        tokio::spawn(async move { volumes.run(ends).await });
        Self {
            db,
            address,
            backends: plan.backends,
            settings,
            runner,
            operations,
            stop,
            _place: place,
        }
    }

    /// An administrator in a project of its own, at the newest microversion.
    #[must_use]
    pub fn admin(&self) -> Client {
        self.client(&project(), &[])
    }

    /// A member of a project of its own, at the newest microversion.
    #[must_use]
    pub fn member(&self) -> Client {
        self.client(&project(), &["member", "reader"])
    }

    /// A caller in `project` with these roles; none at all means administrator, as without
    /// authentication.
    #[must_use]
    pub fn client(&self, project: &str, roles: &[&str]) -> Client {
        Client::new(&format!("http://{}", self.address), project, roles)
    }
}

/// The volume services of the backends, ready to be run.
async fn open(
    backends: &[(String, Arc<dyn Driver>)],
    max_attempts: u32,
    db: &Db,
    clock: &Clock,
    (settings, images, report_interval, limits, bus): (
        &Arc<Settings>,
        &Option<Arc<Images>>,
        Duration,
        Option<CacheLimits>,
        &Bus,
    ),
) -> VolumeService {
    let cache = |limits| {
        let (db, bus, clock) = (db.clone(), bus.clone(), clock.clone());
        let operations = ApiContext::inner(db, bus, clock, Arc::clone(settings));
        let owner = (CACHE_PROJECT.to_owned(), "cache".to_owned());
        Arc::new(ImageCache::new(operations, owner, limits))
    };

    let backends = backends.iter().map(|(name, driver)| Backend {
        db: db.clone(),
        clock: clock.clone(),
        settings: Arc::clone(settings),
        name: BackendName::new(HOST, name),
        availability_zone: settings.storage_availability_zone.clone(),
        driver: Arc::clone(driver),
        max_attempts,
        report_interval,
        // A test reports when it wants to: one that comes in the midst counts what is being made twice for a moment.
        stats_interval: Duration::from_secs(3600),
        service_uuid: None,
        images: images.clone(),
        cache: limits.map(cache),
        freed: Default::default(),
        turns: Default::default(),
    });
    VolumeService::start(backends.collect()).await.expect("the backends can be used")
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A fresh project id.
#[must_use]
pub fn project() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
