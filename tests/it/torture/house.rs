//! The processes of one run: an API, a volume service, and so many schedulers, each a host of its own.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use ashlar_db::Db;
use ashlar_db::testing::TestDb;
use ashlar_testkit::Client;
use ashlar_testkit::wait::PATIENCE;
use tempfile::TempDir;

use super::{SIZE, client_of, outcome};
use crate::server::Server;

/// Size of each pool, in GiB.
const POOL: u64 = 1000;
/// The host of the API and the volume service.
const STORE: &str = "store";

/// What a run is made of.
#[derive(Debug, Clone)]
pub(super) struct Setup {
    pub(super) schedulers: usize,
    /// Pools of [`POOL`] GiB each.
    pub(super) pools: usize,
    /// Thin, and how often it may be sold; thick when none.
    pub(super) ratio: Option<f64>,
    /// What each pool has beyond [`POOL`], less than one volume takes.
    pub(super) spare: u64,
    /// `backend_stats_polling_interval`
    pub(super) polling: Duration,
    /// How long the backend takes for each call.
    pub(super) latency: Duration,
}

impl Default for Setup {
    /// Thick, and no report but the first.
    fn default() -> Self {
        Self {
            schedulers: 1,
            pools: 1,
            ratio: None,
            spare: 0,
            polling: Duration::from_secs(3600),
            latency: Duration::ZERO,
        }
    }
}

impl Setup {
    /// For messages.
    pub(super) fn name(&self) -> String {
        format!("{self:?}")
    }

    /// What each pool may give out, in GiB.
    fn limit(&self) -> u64 {
        let sold = self.ratio.map_or(1.0, |ratio| ratio);
        // Small and whole in these tests.
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            clippy::cast_possible_truncation
        )]
        let limit = ((POOL + self.spare) as f64 * sold) as u64;
        limit
    }

    fn store(&self, url: &str, state: &str) -> String {
        let pools: Vec<String> =
            (1..=self.pools).map(|number| format!("p{number}:{}", POOL + self.spare)).collect();
        let thick = self.ratio.is_none();
        let ratio = self
            .ratio
            .map(|ratio| format!("max_over_subscription_ratio = {ratio}\n"))
            .unwrap_or_default();
        format!(
            "{}enabled_backends = sim\nquota_volumes = -1\nquota_gigabytes = -1\n\
             backend_stats_polling_interval = {}\n{}\n[sim]\nvolume_driver = sim\n\
             volume_backend_name = sim\nsim_pools = {}\nsim_thick = {thick}\nsim_latency_ms = {}\n{ratio}",
            head(STORE, state),
            self.polling.as_secs(),
            database(url),
            pools.join(","),
            self.latency.as_millis(),
        )
    }
}

fn head(host: &str, state: &str) -> String {
    format!("[DEFAULT]\nhost = {host}\nstate_path = {state}\n")
}

fn database(url: &str) -> String {
    format!("\n[database]\nconnection = {url}\n")
}

fn host_of(scheduler: usize) -> String {
    format!("chooser-{scheduler}")
}

/// The running processes. They are killed when dropped.
pub(super) struct House {
    /// An administrator.
    pub(super) client: Client,
    setup: Setup,
    configs: Vec<PathBuf>,
    schedulers: Vec<Option<Server>>,
    _others: [Server; 2],
    _directory: TempDir,
}

impl House {
    /// Starts all of them and waits until each is known to be there.
    pub(super) async fn start(place: &TestDb, setup: &Setup) -> Self {
        let mut house = Self::start_without_schedulers(place, setup).await;
        house.start_schedulers();
        wait_for_services(&house.client, setup.schedulers + 1).await;
        house
    }

    /// Starts the others: what is asked for waits.
    pub(super) async fn start_without_schedulers(place: &TestDb, setup: &Setup) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let write = |name: &str, text: &dyn Fn(&str) -> String| {
            let path = directory.path().join(format!("{name}.conf"));
            let state = directory.path().join(name).display().to_string();
            std::fs::write(&path, text(&state)).expect("it can be written");
            path
        };
        let store = write(STORE, &|state| setup.store(&place.url, state));
        let configs: Vec<PathBuf> = (0..setup.schedulers)
            .map(|number| {
                let host = host_of(number);
                write(&host, &|state| head(&host, state) + &database(&place.url))
            })
            .collect();
        let store = store.to_str().expect("a temporary path is text");
        let volume = Server::start_role(&["volume", "--config-file", store]);
        let api = Server::start(&["api", "--listen", "127.0.0.1:0", "--config-file", store]);
        let client = client_of(&api);
        wait_for_services(&client, 1).await;
        let (setup, schedulers) = (setup.clone(), Vec::new());
        Self { client, setup, configs, schedulers, _others: [volume, api], _directory: directory }
    }

    /// Each pool and what it may give out.
    pub(super) fn limits(&self) -> BTreeMap<String, u64> {
        let name = |number| format!("{STORE}@sim#p{number}");
        (1..=self.setup.pools).map(|number| (name(number), self.setup.limit())).collect()
    }

    /// How many volumes fit into each pool.
    pub(super) fn fit_in_each(&self) -> u64 {
        self.setup.limit() / SIZE
    }

    /// How many volumes fit into all pools.
    pub(super) fn fits(&self) -> u64 {
        self.fit_in_each() * u64::try_from(self.setup.pools).expect("a few")
    }

    /// Starts the schedulers.
    pub(super) fn start_schedulers(&mut self) {
        self.schedulers = self.configs.iter().map(|config| Some(scheduler(config))).collect();
    }

    /// Kills the first scheduler that is seen to have work; which, and how many claims it left behind. When all is
    /// done before any is seen, the first one is killed.
    pub(super) async fn kill_one_at_work(&mut self, db: &Db) -> (usize, u64) {
        let mut victim = 0;
        for _ in 0..PATIENCE.as_millis() {
            let claims = self.claims(db).await;
            if let Some(at_work) = claims.iter().position(|claims| *claims > 0) {
                victim = at_work;
                break;
            }
            if outcome::count(db, "creating").await == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.schedulers[victim].take().expect("only one is killed").kill();
        (victim, self.claims(db).await[victim])
    }

    /// Starts a scheduler again, on the same host.
    pub(super) fn start_again(&mut self, victim: usize) {
        self.schedulers[victim] = Some(scheduler(&self.configs[victim]));
    }

    /// How many operations each scheduler has claimed and not finished.
    async fn claims(&self, db: &Db) -> Vec<u64> {
        let mut tx = db.read().await.expect("the database answers");
        let sql =
            "SELECT claimed_by FROM ashlar_flows WHERE finished = FALSE AND claimed_by IS NOT NULL";
        let rows = tx.rows(sql, &[]).await.expect("claims can be read");
        let workers: Vec<String> =
            rows.iter().map(|row| row.get(0).expect("a worker's name")).collect();
        let of = |number| {
            let service = format!("scheduler@{}/", host_of(number));
            let mine = workers.iter().filter(|worker| worker.starts_with(&service));
            u64::try_from(mine.count()).expect("a few")
        };
        (0..self.setup.schedulers).map(of).collect()
    }
}

fn scheduler(config: &std::path::Path) -> Server {
    let config = config.to_str().expect("a temporary path is text");
    Server::start_role(&["scheduler", "--config-file", config])
}

async fn wait_for_services(client: &Client, wanted: usize) {
    for _ in 0..1200 {
        let listed = client.get("/os-services").await.expect(200);
        let services = listed.body["services"].as_array().cloned().unwrap_or_default();
        if services.iter().filter(|service| service["state"] == "up").count() >= wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the services do not come up");
}
