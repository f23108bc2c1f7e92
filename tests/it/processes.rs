//! One API, two schedulers and two volume services as processes of their own on one database server.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::Duration;

use ashlar_db::testing::{self, TestDb};
use ashlar_db::{Engine, pools};
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, clean, cloud};
use serde_json::json;

use crate::server::{Server, binary};

const VOLUMES: usize = 500;
const AT_ONCE: usize = 32;
/// Each of two pools has room for this many: together just a little more than is asked for.
const POOL_GIB: u64 = 260;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_as_processes_on_one_server_make_every_volume_once() {
    for place in testing::databases().await {
        if place.db.engine() != Engine::Sqlite {
            create_many(&place).await;
        }
    }
}

async fn create_many(place: &TestDb) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let config = |name: &str| {
        let path = directory.path().join(format!("{name}.conf"));
        let state = directory.path().join(name);
        let text = configuration(name, &place.url, &state.display().to_string());
        std::fs::write(&path, text).expect("it can be written");
        path.to_str().expect("a temporary path is text").to_owned()
    };
    let (one, two) = (config("one"), config("two"));
    let synced = Command::new(binary()).args(["db", "sync", "--config-file", &one]).status();
    assert!(synced.expect("the binary can be run").success());
    let volumes = [&one, &two].map(|path| Server::start_role(&["volume", "--config-file", path]));
    let schedulers =
        [&one, &two].map(|path| Server::start_role(&["scheduler", "--config-file", path]));
    let api = Server::start(&["api", "--listen", "127.0.0.1:0", "--config-file", &one]);
    let client = api.client(&cloud::project());
    wait_for_services(&client).await;
    let ids = create(&client).await;
    for id in &ids {
        client.wait_for("volumes", id, "available").await;
    }
    clean::check(&place.db, &[], false).await;
    check_places(place, &client).await;
    drop((volumes, schedulers));
}

fn configuration(host: &str, url: &str, state: &str) -> String {
    format!(
        "[DEFAULT]\nhost = {host}\nstate_path = {state}\nenabled_backends = sim\nquota_volumes = -1\n\
         quota_gigabytes = -1\n\n[database]\nconnection = {url}\n\n[sim]\nvolume_driver = sim\n\
         volume_backend_name = sim\nsim_pools = pool:{POOL_GIB}\nsim_thick = true\n"
    )
}

async fn wait_for_services(client: &Client) {
    for _ in 0..600 {
        let listed = client.get("/os-services").await.expect(200);
        let services = listed.body["services"].as_array().cloned().unwrap_or_default();
        if services.iter().filter(|service| service["state"] == "up").count() >= 4 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the services do not come up");
}

/// Asks for all volumes, so many at once. Not one request fails.
async fn create(client: &Client) -> BTreeSet<String> {
    let mut clients = Vec::new();
    for worker in 0..AT_ONCE {
        let client = client.clone();
        clients.push(tokio::spawn(async move {
            let mut ids = Vec::new();
            for number in (worker..VOLUMES).step_by(AT_ONCE) {
                let volume = json!({ "size": 1, "name": format!("volume {number}") });
                ids.push(id_of(&client.create_volume(volume).await));
            }
            ids
        }));
    }
    let mut all = BTreeSet::new();
    for worker in clients {
        all.extend(worker.await.expect("a client ends"));
    }
    assert_eq!(all.len(), VOLUMES, "every volume has an identity of its own");
    all
}

/// Both backends were used, neither beyond what it has, and every volume is there once.
async fn check_places(place: &TestDb, client: &Client) {
    let listed = client.get("/volumes/detail?limit=1000").await.expect(200);
    let volumes = listed.body["volumes"].as_array().cloned().unwrap_or_default();
    assert_eq!(volumes.len(), VOLUMES);
    let names: BTreeSet<&str> =
        volumes.iter().filter_map(|volume| volume["name"].as_str()).collect();
    assert_eq!(names.len(), VOLUMES, "no volume was made twice");
    let mut by_host: BTreeMap<String, u64> = BTreeMap::new();
    for volume in &volumes {
        let host = volume["os-vol-host-attr:host"].as_str().unwrap_or_default().to_owned();
        *by_host.entry(host).or_default() += volume["size"].as_u64().unwrap_or_default();
    }
    assert_eq!(by_host.len(), 2, "{by_host:?}");
    assert!(by_host.values().all(|gib| *gib <= POOL_GIB), "sold twice: {by_host:?}");
    let mut tx = place.db.read().await.expect("the database answers");
    for pool in pools::list_all(&mut tx).await.expect("pools can be listed") {
        assert_eq!(Some(&pool.allocated), by_host.get(pool.name.as_str()));
    }
}
