//! `zone:host` with the `simple` scheduler: an administrator names where a volume goes.

use std::sync::Arc;
use std::time::Duration;

use ashlar_drivers::Driver;
use ashlar_drivers::sim::{Sim, SimPool, SimSettings};
use ashlar_placement::{Rules, RulesSettings, Strategy};
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use reqwest::Method;
use serde_json::{Value, json};

/// Two backends with a pool each, under the `simple` scheduler.
fn plan() -> Plan {
    let sim = |name: &str| {
        let settings = SimSettings::new(name, vec![SimPool::thin("pool", 1000)]);
        (name.to_owned(), Arc::new(Sim::new(settings)) as Arc<dyn Driver>)
    };
    let mut plan = Plan::with_backends(vec![sim("one"), sim("two")]);
    let strategy = Strategy::Simple { max_gigabytes: 10_000 };
    let settings = RulesSettings { strategy, ..RulesSettings::default() };
    plan.rules = Rules::from_settings(&settings).expect("good rules");
    plan.settings.forced_host_zones = true;
    plan
}

/// Asks for a volume there, and waits until its status is `status`.
async fn volume_in(client: &Client, zone: &str, status: &str) -> Value {
    let wish = json!({ "size": 1, "availability_zone": zone });
    let id = id_of(&client.create_volume(wish).await);
    client.wait_for("volumes", &id, status).await
}

/// What the project of `client` was told last.
async fn told(client: &Client) -> String {
    let answer = client.get("/messages").await.expect(200);
    answer.body["messages"][0]["user_message"].as_str().unwrap_or_default().to_owned()
}

/// What refused each pool, by the decision about the volume.
async fn refused_by(client: &Client, volume: &Value) -> Vec<String> {
    let id = volume["id"].as_str().expect("an id");
    let told = client.own(Method::GET, &format!("/volumes/{id}/placement"), None).await.expect(200);
    let rejected = told.body["decisions"][0]["verdict"]["rejected"].as_array().cloned();
    let rejected = rejected.expect("a list").into_iter();
    rejected.map(|pool| pool["filter"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn an_administrator_names_host_backend_or_pool() {
    let cloud = Cloud::planned(plan()).await;
    let admin = cloud.admin();
    let host = cloud::HOST;
    // The zone before the host is not looked at; the volume is in its backend's zone in the end.
    for zone in ["nova", "nowhere", ""] {
        for backend in ["one", "two"] {
            for place in [format!("{host}@{backend}"), format!("{host}@{backend}#pool")] {
                let volume = volume_in(&admin, &format!("{zone}:{place}"), "available").await;
                assert_eq!(volume["os-vol-host-attr:host"], format!("{host}@{backend}#pool"));
                assert_eq!(volume["availability_zone"], "nova");
            }
        }
    }
    let volume = volume_in(&admin, &format!("nova:{host}"), "available").await;
    let placed = volume["os-vol-host-attr:host"].as_str().expect("a place");
    assert!(placed.starts_with(&format!("{host}@")), "{placed}");
    cloud.check().await;
}

#[tokio::test]
async fn an_unknown_host_is_an_error_that_the_user_is_told_of() {
    let cloud = Cloud::planned(plan()).await;
    let admin = cloud.admin();
    let volume = volume_in(&admin, "nova:elsewhere@one", "error").await;
    assert_eq!(volume["availability_zone"], "nova");
    let told = told(&admin).await;
    assert!(told.starts_with("schedule allocate volume:"), "{told}");
    assert_eq!(refused_by(&admin, &volume).await, ["named host", "named host"]);
    cloud.check().await;
}

#[tokio::test]
async fn a_host_that_is_down_is_not_used() {
    let mut plan = plan();
    // Every heartbeat is older than that.
    plan.settings.service_down_time = Duration::ZERO;
    let cloud = Cloud::planned(plan).await;
    let admin = cloud.admin();
    let volume = volume_in(&admin, &format!("nova:{}@one", cloud::HOST), "error").await;
    let told = told(&admin).await;
    assert!(told.starts_with("schedule allocate volume:"), "{told}");
    assert_eq!(refused_by(&admin, &volume).await, ["service", "service"]);
    cloud.check().await;
}

#[tokio::test]
async fn to_others_and_to_other_schedulers_it_is_an_unknown_zone() {
    let (simple, filter) = (Cloud::planned(plan()).await, Cloud::start().await);
    let zone = format!("nova:{}@one", cloud::HOST);
    for client in [simple.member(), filter.admin()] {
        let wish = json!({ "volume": { "size": 1, "availability_zone": zone } });
        let refused = client.post("/volumes", &wish).await.expect(400);
        assert_eq!(refused.message(), format!("Availability zone '{zone}' is invalid."));
    }
}
