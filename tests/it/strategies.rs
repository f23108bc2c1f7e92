//! Each way of choosing a backend, seen through the API: the schedulers `chance` and `simple`, and `filter` with each
//! filter and weigher that a configuration can name.

mod chance;
mod filters;
mod rush;
mod simple;
mod weighers;

use std::collections::BTreeMap;
use std::sync::Arc;

use ashlar_db::{pools, services};
use ashlar_drivers::Driver;
use ashlar_drivers::sim::{Sim, SimPool, SimSettings};
use ashlar_placement::{Rules, RulesSettings, Strategy};
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use ashlar_types::{BackendName, Capacity, PoolStats, Timestamp};
use futures::future::join_all;
use serde_json::{Map, Value, json};

/// The key of a create's body that scheduler hints stand under.
const HINTS: &str = "OS-SCH-HNT:scheduler_hints";

/// A backend of this name with these pools.
fn backend(name: &str, pools: Vec<SimPool>) -> (String, Arc<dyn Driver>) {
    (name.to_owned(), Arc::new(Sim::new(SimSettings::new(name, pools))))
}

/// Backends of these names, each with a large thin pool named `pool`.
fn alike(names: &[&str]) -> Vec<(String, Arc<dyn Driver>)> {
    names.iter().map(|name| backend(name, vec![SimPool::thin("pool", 1000)])).collect()
}

/// A backend whose only pool has this size and reports this besides.
fn telling(name: &str, size: u64, key: &str, value: &str) -> (String, Arc<dyn Driver>) {
    let capabilities = Map::from_iter([(key.to_owned(), Value::from(value))]);
    backend(name, vec![SimPool { capabilities, ..SimPool::thin("pool", size) }])
}

/// These backends and rules, and no limit on what a project may have.
fn plan(backends: Vec<(String, Arc<dyn Driver>)>, rules: &RulesSettings<'_>) -> Plan {
    let mut plan = Plan::with_backends(backends);
    plan.rules = Rules::from_settings(rules).expect("good rules");
    plan.limits(&[("volumes", -1), ("gigabytes", -1), ("snapshots", -1)])
}

fn strategy(strategy: Strategy) -> RulesSettings<'static> {
    RulesSettings { strategy, ..RulesSettings::default() }
}

/// A backend with a pool that nobody serves: it lived at `heartbeat`, in `zone`, and has more room than any other.
async fn report_ghost(cloud: &Cloud, name: &str, zone: &str, heartbeat: Timestamp) {
    let backend = BackendName::new("elsewhere", name);
    let now = cloud.operations.clock.now();
    let stats = PoolStats {
        pool_name: "pool".to_owned(),
        total: Capacity::Gib(100_000.0),
        free: Capacity::Gib(100_000.0),
        reserved_percentage: 0,
        max_over_subscription_ratio: None,
        thin: true,
        thick: false,
        capabilities: Map::new(),
    };
    let mut tx = cloud.db.begin().await.expect("begins");
    services::heartbeat(&mut tx, backend.as_str(), "cinder-volume", zone, heartbeat)
        .await
        .expect("it is stored");
    let asked = pools::ask(&mut tx, &backend, now).await.expect("it can be asked");
    let taken = pools::report(&mut tx, &backend, zone, &[stats], &asked, now).await;
    assert!(taken.expect("it is stored"));
    tx.commit().await.expect("commits");
}

/// Switches a backend of the cloud off.
async fn disable(client: &Client, name: &str) {
    let named = json!({ "binary": "cinder-volume", "host": format!("{}@{name}", cloud::HOST) });
    let _ = client.put("/os-services/disable", &named).await.expect(200);
}

/// A volume with these fields and hints, waited for. Its id, and where it is: `backend#pool`.
async fn placed(client: &Client, volume: Value, hints: Value) -> (String, String) {
    let body = json!({ "volume": volume, HINTS: hints });
    let asked = client.post("/volumes", &body).await.expect(202);
    let id = id_of(&asked.body["volume"]);
    let volume = client.wait_for("volumes", &id, "available").await;
    (id, place_of(&volume))
}

/// `backend#pool` of a volume.
fn place_of(volume: &Value) -> String {
    let host = volume["os-vol-host-attr:host"].as_str().expect("it has a place");
    host.split_once('@').map_or(host, |(_, place)| place).to_owned()
}

/// A volume with these fields and hints that no backend takes, and whose project is told so.
async fn refused(client: &Client, volume: Value, hints: Value) {
    let body = json!({ "volume": volume, HINTS: hints });
    let asked = client.post("/volumes", &body).await.expect(202);
    let id = id_of(&asked.body["volume"]);
    client.wait_for("volumes", &id, "error").await;
    let told = client.get(&format!("/messages?resource_uuid={id}")).await.expect(200);
    assert_eq!(told.body["messages"][0]["event_id"], "VOLUME_VOLUME_001_003", "{}", told.body);
}

/// Asks for so many volumes of 1 GiB at once, and waits until all are there: how many each place got.
async fn spread(client: &Client, volumes: usize) -> BTreeMap<String, usize> {
    let made =
        join_all((0..volumes).map(|_| placed(client, json!({ "size": 1 }), json!({})))).await;
    let mut by_place = BTreeMap::new();
    for (_, place) in made {
        *by_place.entry(place).or_default() += 1;
    }
    by_place
}
