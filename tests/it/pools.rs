//! Pools and capabilities through the API, as schedulers see them.

use std::sync::Arc;

use ashlar_drivers::Driver;
use ashlar_drivers::sim::{Sim, SimPool, SimSettings};
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

/// Two backends: one with a pool, one with two.
async fn two_backends() -> Cloud {
    let sim = |name: &str, pools: Vec<SimPool>| {
        let driver: Arc<dyn Driver> = Arc::new(Sim::new(SimSettings::new(name, pools)));
        (name.to_owned(), driver)
    };
    let mut fast = SimPool::thick("ssd", 100);
    fast.capabilities.insert("tier".to_owned(), "fast".into());
    let slow = vec![SimPool::thin("hdd-1", 1000), SimPool::thin("hdd-2", 1000)];
    Cloud::planned(Plan::with_backends(vec![sim("one", vec![fast]), sim("two", slow)])).await
}

async fn names(client: &Client, query: &str) -> Vec<String> {
    let answer = client.get(&format!("/scheduler-stats/get_pools{query}")).await.expect(200);
    let pools = answer.body["pools"].as_array().cloned().unwrap_or_default();
    pools.iter().map(|pool| pool["name"].as_str().unwrap_or_default().to_owned()).collect()
}

fn name(rest: &str) -> String {
    format!("{}@{rest}", cloud::HOST)
}

#[tokio::test]
async fn every_pool_is_listed_and_filters_hold_from_their_microversions_on() {
    let cloud = two_backends().await;
    let admin = cloud.admin();
    let all = [name("one#ssd"), name("two#hdd-1"), name("two#hdd-2")];
    assert_eq!(names(&admin, "").await, all);
    let only = format!("?name={}", name("two%23hdd-2"));
    assert_eq!(names(&admin, &only).await, [all[2].clone()]);
    assert_eq!(names(&admin.at(27), &only).await, all);
    assert_eq!(names(&admin.at(28), "?tier=fast").await, [all[0].clone()]);
    let refused = admin.get("/scheduler-stats/get_pools?tier=fast&detail=true").await.expect(400);
    assert_eq!(refused.message(), "Invalid filters tier are found in query options.");
    let _ = admin.get("/scheduler-stats/get_pools?detail=perhaps").await.expect(400);
    let _ = cloud.member().get("/scheduler-stats/get_pools").await.expect(403);
}

#[tokio::test]
async fn pools_can_be_asked_for_by_volume_type() {
    let cloud = two_backends().await;
    let admin = cloud.admin();
    let fast = json!({ "volume_type": { "name": "fast", "extra_specs": { "tier": "fast" } } });
    let made = admin.post("/types", &fast).await.expect(200);
    let id = made.body["volume_type"]["id"].as_str().expect("an id").to_owned();
    for asked in ["fast".to_owned(), id] {
        let query = format!("?volume_type={asked}");
        assert_eq!(names(&admin, &query).await, [name("one#ssd")]);
        assert_eq!(names(&admin.at(34), &query).await.len(), 3);
    }
    let missing = admin.get("/scheduler-stats/get_pools?volume_type=none").await.expect(404);
    assert_eq!(missing.message(), "Volume type with name none could not be found.");
}

#[tokio::test]
async fn a_pools_figures_follow_the_volumes_that_are_made_there() {
    let cloud = Cloud::start().await;
    let admin = cloud.admin();
    let capabilities = async || -> Value {
        let path = "/scheduler-stats/get_pools?detail=true";
        admin.get(path).await.expect(200).body["pools"][0]["capabilities"].clone()
    };
    let before = capabilities().await;
    assert_eq!(before["allocated_capacity_gb"], 0);
    assert_eq!(before["total_capacity_gb"], 1000.0);
    assert_eq!(before["thin_provisioning_support"], true);
    assert!(before["timestamp"].is_string(), "{before}");
    let _ = admin.volume(3).await;
    let after = capabilities().await;
    assert_eq!(after["allocated_capacity_gb"], 3);
    assert_eq!(after["provisioned_capacity_gb"], 3);
    assert_eq!(after["total_volumes"], 1);
}

#[tokio::test]
async fn a_backend_says_what_it_can_do() {
    let cloud = two_backends().await;
    let admin = cloud.admin();
    let shown = admin.get(&format!("/capabilities/{}", name("one"))).await.expect(200).body;
    assert_eq!(shown["namespace"], format!("OS::Storage::Capabilities::{}", name("one")));
    assert_eq!(
        (&shown["volume_backend_name"], &shown["pool_name"]),
        (&json!("one"), &json!("ssd"))
    );
    assert_eq!(shown["properties"]["qos"]["type"], "boolean");
    assert_eq!(shown["replication_targets"], json!([]));
    let shown = admin.get(&format!("/capabilities/{}", name("two"))).await.expect(200).body;
    assert_eq!(shown["pool_name"], Value::Null);
    let missing = admin.get("/capabilities/nowhere").await.expect(404);
    assert_eq!(missing.message(), "Can't find service: nowhere");
    let _ = cloud.member().get(&format!("/capabilities/{}", name("one"))).await.expect(403);
}
