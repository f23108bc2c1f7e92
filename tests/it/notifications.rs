//! A volume that cannot be placed, as seen by operators: the notification, the log, and what is left behind. Real
//! binary, real log file.

mod broker;
mod gate;
mod hand;
mod link;
mod outbox;
mod python;
mod rabbit;
mod stop;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use ashlar_db::{DatabaseUrl, Db, Options};
use ashlar_testkit::make::id_of;
use ashlar_testkit::wait::PATIENCE;
use ashlar_testkit::{Client, cloud};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::Server;

/// Where notifications go: the line of the configuration.
const TO_THE_LOG: &str = "driver = log";

/// One process on SQLite, with two backends of a pool of 10 GiB each; both fail as `failures` says.
struct House {
    /// None while it is stopped.
    server: Option<Server>,
    client: Client,
    log: PathBuf,
    place: TempDir,
}

impl House {
    fn start(driver: &str, failures: &str) -> Self {
        let place = tempfile::tempdir().expect("a temporary directory");
        let path = place.path().to_str().expect("a temporary path is text");
        let backends = ["one", "two"].map(|name| {
            format!(
                "[{name}]\nvolume_driver = sim\nsim_pools = pool:10\nsim_thick = true\n{failures}\n"
            )
        });
        let text = format!(
            "[DEFAULT]\nhost = node\nenabled_backends = one, two\nquota_gigabytes = -1\n\
             scheduler_max_attempts = 2\nuse_json = true\nlog_file = {path}/log\n\
             [oslo_messaging_notifications]\n{driver}\n{}",
            backends.concat()
        );
        fs::write(place.path().join("cinder.conf"), text).expect("it can be written");
        let server = serve(&place);
        let client = server.client(&cloud::project());
        Self { server: Some(server), client, log: place.path().join("log"), place }
    }

    /// Starts it again on what it left.
    fn resume(&mut self) {
        let server = serve(&self.place);
        self.client = server.client(&cloud::project());
        self.server = Some(server);
    }

    async fn db(&self) -> Db {
        let path = self.place.path().join("state/ashlar.db");
        let url = DatabaseUrl::parse(&format!("sqlite:///{}", path.display())).expect("an URL");
        Db::connect(&url, &Options::default()).await.expect("the database is there")
    }

    /// Asks for a volume of this size that ends in `error`. Its id and the request's.
    async fn fail(&self, size: u64) -> (String, String) {
        let wish = json!({ "size": size, "name": "big", "metadata": { "k": "v" } });
        let asked = self.client.post("/volumes", &json!({ "volume": wish })).await.expect(202);
        let id = id_of(&asked.body["volume"]);
        self.client.wait_for("volumes", &id, "error").await;
        (id, asked.header("x-openstack-request-id").to_owned())
    }

    /// Lines of the log so far.
    fn lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        // The last one may be half written.
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Notifications of failures in the log: the line and the message in it.
    fn notifications(&self) -> Vec<(Value, Value)> {
        let lines = self.lines().into_iter();
        lines
            .filter(|line| line["target"] == "notification" && line["level"] == "ERROR")
            .map(|line| {
                let text = line["message"].as_str().expect("a text");
                let message = serde_json::from_str(text).expect("a message is JSON");
                (line, message)
            })
            .collect()
    }

    /// Waits until the outbox is empty, and answers the only notification that was sent.
    async fn only_notification(&self) -> (Value, Value) {
        until_sent(&self.db().await).await;
        let mut found = self.notifications();
        assert_eq!(found.len(), 1, "{found:#?}");
        found.remove(0)
    }

    /// The event of the only message that the project was told, and the request that it is about.
    async fn told(&self) -> (Value, Value) {
        let found = self.client.get("/messages").await.expect(200).body["messages"].clone();
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
        (found[0]["event_id"].clone(), found[0]["request_id"].clone())
    }
}

fn serve(place: &TempDir) -> Server {
    let path = place.path().to_str().expect("a temporary path is text");
    let (file, state) = (format!("{path}/cinder.conf"), format!("{path}/state"));
    let listen = ["serve", "--listen", "127.0.0.1:0"];
    Server::start(&[&listen[..], &["--config-file", &file, "--state-dir", &state]].concat())
}

/// The lines of the configuration that send notifications to a broker.
fn to(url: &str) -> String {
    format!("driver = messagingv2\ntransport_url = {url}")
}

async fn waiting(db: &Db) -> u64 {
    let mut tx = db.read().await.expect("the database answers");
    let row = tx.row("SELECT COUNT(*) FROM ashlar_notifications", &[]).await.expect("it is there");
    row.expect("a count").get(0).expect("a number")
}

async fn until_sent(db: &Db) {
    until_waiting(db, 0).await;
}

/// Waits until just so many notifications wait.
async fn until_waiting(db: &Db, wanted: u64) {
    let (pause, mut last) = (Duration::from_millis(50), None);
    for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
        last = Some(waiting(db).await);
        if last == Some(wanted) {
            return;
        }
        tokio::time::sleep(pause).await;
    }
    panic!("{last:?} notifications wait and not {wanted}");
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> =
        value.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// What Cinder 29.0.0 puts into its `RequestSpec` for a blank volume.
const REQUEST_SPEC: [&str; 14] = [
    "availability_zones",
    "backup_id",
    "cgsnapshot_id",
    "consistencygroup_id",
    "group_id",
    "image_id",
    "operation",
    "resource_properties",
    "snapshot_id",
    "source_volid",
    "volume",
    "volume_id",
    "volume_properties",
    "volume_type",
];

/// What Cinder 29.0.0 puts into its `VolumeProperties`.
const VOLUME_PROPERTIES: [&str; 19] = [
    "attach_status",
    "availability_zone",
    "cgsnapshot_id",
    "consistencygroup_id",
    "display_description",
    "display_name",
    "encryption_key_id",
    "group_id",
    "metadata",
    "multiattach",
    "project_id",
    "qos_specs",
    "reservations",
    "size",
    "snapshot_id",
    "source_volid",
    "status",
    "user_id",
    "volume_type_id",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_volume_that_no_pool_will_take_is_told_of_once() {
    let house = House::start(TO_THE_LOG, "");
    let (id, request) = house.fail(1000).await;
    assert_eq!(house.told().await, ("VOLUME_VOLUME_001_003".into(), request.as_str().into()));

    let (line, message) = house.only_notification().await;
    assert_eq!((&line["level"], &line["request"]), (&json!("ERROR"), &json!(request)));
    assert_eq!(message["event_type"], "scheduler.create_volume");
    assert_eq!(message["priority"], "ERROR");
    assert_eq!(message["publisher_id"], "scheduler.node");
    let payload = &message["payload"];
    let wanted = ["method", "reason", "request_spec", "state", "volume_id", "volume_properties"];
    assert_eq!(keys(payload), wanted);
    assert_eq!(payload["volume_id"], id);
    assert_eq!(payload["state"], "error");
    assert_eq!(payload["method"], "create_volume");
    let reason = payload["reason"].as_str().expect("a text");
    assert!(reason.starts_with("No valid backend was found. "), "{reason}");
    assert!(reason.contains("CapacityFilter"), "{reason}");

    let (spec, properties) = (&payload["request_spec"], &payload["volume_properties"]);
    assert_eq!(keys(spec), REQUEST_SPEC);
    assert_eq!(keys(properties), VOLUME_PROPERTIES);
    assert_eq!(spec["volume_properties"], *properties);
    assert_eq!(spec["resource_properties"], *properties);
    assert_eq!(spec["operation"], "create_volume");
    assert_eq!(spec["volume_type"]["name"], "__DEFAULT__");
    let volume = &spec["volume"];
    for of in [volume, properties] {
        assert_eq!((&of["size"], &of["display_name"]), (&json!(1000), &json!("big")));
        assert_eq!((&of["status"], &of["metadata"]), (&json!("creating"), &json!({ "k": "v" })));
    }
    assert_eq!((&volume["id"], &volume["host"]), (&json!(id), &Value::Null));

    // No fault of ours: no line but this one is an error. The one that says what failed names the request.
    let errors = house.lines().into_iter().filter(|line| line["level"] == "ERROR");
    assert_eq!(errors.count(), 1);
    let failed: Vec<Value> =
        house.lines().into_iter().filter(|line| line["task"] == "place").collect();
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert_eq!((&failed[0]["id"], &failed[0]["request"]), (&json!(id), &json!(request)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_kept_for_nobody() {
    for driver in ["", "driver = noop"] {
        let house = House::start(driver, "");
        house.fail(1000).await;
        assert_eq!(house.told().await.0, "VOLUME_VOLUME_001_003");
        assert_eq!(waiting(&house.db().await).await, 0, "{driver}");
        assert!(house.notifications().is_empty(), "{driver}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exhausted_attempts_are_told_of_as_a_failure_to_place() {
    let house = House::start(TO_THE_LOG, "sim_failure = ensure_volume always broken");
    let (id, request) = house.fail(1).await;
    assert_eq!(house.told().await, ("VOLUME_VOLUME_001_003".into(), request.as_str().into()));
    let (line, message) = house.only_notification().await;
    assert_eq!(line["request"], request);
    assert_eq!(message["payload"]["volume_id"], id);
    let reason = message["payload"]["reason"].as_str().expect("a text");
    let wanted = format!(
        "No valid backend was found. Exceeded max scheduling attempts 2 for volume {id}: node@"
    );
    assert!(reason.starts_with(&wanted), "{reason}");
    for pool in ["node@one#pool: ", "node@two#pool: "] {
        assert!(reason.contains(pool), "{pool} was not tried: {reason}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_that_no_other_backend_would_mend_is_not_one_of_placing() {
    for kind in ["not_found", "invalid"] {
        let house = House::start(TO_THE_LOG, &format!("sim_failure = ensure_volume always {kind}"));
        house.fail(1).await;
        assert_eq!(house.told().await.0, "VOLUME_VOLUME_008_012", "{kind}");
        until_sent(&house.db().await).await;
        assert!(house.notifications().is_empty(), "{kind}");
    }
}

/// The database refuses a statement that placing needs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_of_placing_is_logged_as_one_of_ours() {
    let house = House::start(TO_THE_LOG, "");
    let db = house.db().await;
    let mut tx = db.begin().await.expect("begins");
    tx.execute("DROP TABLE ashlar_decision_pages", &[]).await.expect("it was there");
    tx.commit().await.expect("commits");

    let (id, request) = house.fail(1).await;
    assert_eq!(house.told().await, ("VOLUME_VOLUME_001_001".into(), request.as_str().into()));
    let (_, message) = house.only_notification().await;
    let reason = message["payload"]["reason"].as_str().expect("a text");
    assert!(reason.starts_with("the placement could not be stored"), "{reason}");
    let found = |line: &Value| line["level"] == "ERROR" && line["task"] == "place";
    let faults: Vec<Value> = house.lines().into_iter().filter(found).collect();
    assert_eq!(faults.len(), 1, "{faults:#?}");
    let fault = &faults[0];
    assert_eq!((&fault["kind"], &fault["id"]), (&json!("volume"), &json!(id)));
    assert_eq!(fault["request"], request);
    assert_eq!(fault["name"], "create-volume");
    assert!(fault["flow"].as_str().is_some_and(|flow| !flow.is_empty()), "{fault}");
    assert!(fault["cause"].as_str().is_some_and(|cause| cause == reason), "{fault}");
}
