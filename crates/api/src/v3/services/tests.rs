//! Services over a database whose clock stands still.

mod backend;

use std::time::Duration;

use ashlar_db::services::{SCHEDULER, VOLUME, heartbeat};
use ashlar_db::{DbError, pools, transact};
use ashlar_types::{BackendName, Capacity, PoolStats};
use serde_json::{Map, Value, json};

use crate::testing::{Got, House};

const ADMIN: (&str, u16) = ("root:abc", 71);

async fn beat(house: &House, host: &str, binary: &str) {
    let (db, now) = (&house.app.db, house.app.clock.now());
    let beat: Result<_, DbError> =
        transact!(db, tx => heartbeat(tx, host, binary, "nova", now).await);
    beat.expect("a service");
}

/// A backend with one pool that reports these capabilities.
async fn report(house: &House, backend: &str, capabilities: Value) {
    beat(house, backend, VOLUME).await;
    let Value::Object(capabilities) = capabilities else { panic!("capabilities are an object") };
    let stats = [PoolStats {
        pool_name: "pool".to_owned(),
        total: Capacity::Gib(10.0),
        free: Capacity::Gib(10.0),
        reserved_percentage: 0,
        max_over_subscription_ratio: None,
        thin: true,
        thick: false,
        capabilities,
    }];
    let (db, now) = (&house.app.db, house.app.clock.now());
    let backend = BackendName(backend.to_owned());
    let asked = pools::Asked { at: now, made: Default::default() };
    let put: Result<bool, DbError> =
        transact!(db, tx => pools::report(tx, &backend, "nova", &stats, &asked, now).await);
    put.expect("a pool");
}

async fn listed(house: &House, minor: u16, query: &str) -> Vec<Map<String, Value>> {
    let got = house.get((ADMIN.0, minor), &format!("/v3/os-services{query}")).await;
    assert_eq!(got.status, 200);
    let services = got.body["services"].as_array().expect("a list");
    services.iter().map(|service| service.as_object().expect("an object").clone()).collect()
}

async fn put(house: &House, deed: &str, body: Value) -> Got {
    house.ask(ADMIN, "PUT", &format!("/v3/os-services/{deed}"), &body).await
}

#[tokio::test]
async fn a_service_is_down_when_its_heartbeat_is_older_than_the_option_says() {
    let house = House::furnished().await;
    beat(&house, "early", SCHEDULER).await;
    house.app.clock.advance(Duration::from_secs(60));
    beat(&house, "late", SCHEDULER).await;
    let states = async || -> Vec<Value> {
        listed(&house, 0, "").await.iter().map(|service| service["state"].clone()).collect()
    };
    assert_eq!(states().await, ["up", "up"]);
    house.app.clock.advance(Duration::from_micros(1));
    assert_eq!(states().await, ["down", "up"]);
}

#[tokio::test]
async fn a_field_is_shown_from_its_microversion_on_and_only_where_it_belongs() {
    let house = House::furnished().await;
    report(&house, "h@loud", json!({ "backend_state": "down" })).await;
    report(&house, "h@quiet", json!({})).await;
    beat(&house, "h@silent", VOLUME).await;
    beat(&house, "h", SCHEDULER).await;
    let all = listed(&house, 49, "").await;
    let states: Vec<Option<&Value>> =
        all.iter().map(|service| service.get("backend_state")).collect();
    let (down, up) = (json!("down"), json!("up"));
    assert_eq!(states, [Some(&down), Some(&up), Some(&Value::Null), None]);
    assert_eq!(all[0]["frozen"], false);
    assert!(all[0].contains_key("cluster") && !all[3].contains_key("frozen"));
    let old = listed(&house, 6, "").await;
    assert!(!old[0].contains_key("cluster") && !old[0].contains_key("backend_state"));
    let first: Vec<&str> = old[0].keys().map(String::as_str).collect();
    assert_eq!(first.len(), 10, "{first:?}");
}

#[tokio::test]
async fn a_list_is_of_a_host_or_a_kind_and_for_administrators() {
    let house = House::furnished().await;
    for (host, binary) in [("h@a", VOLUME), ("h@b", VOLUME), ("h", SCHEDULER), ("hh@a", VOLUME)] {
        beat(&house, host, binary).await;
    }
    let hosts = async |query: &str| -> Vec<Value> {
        listed(&house, 0, query).await.iter().map(|service| service["host"].clone()).collect()
    };
    assert_eq!(hosts("?host=h").await, ["h@a", "h@b", "h"]);
    assert_eq!(hosts("?host=h@b").await, ["h@b"]);
    assert_eq!(hosts("?binary=cinder-volume&host=h").await, ["h@a", "h@b"]);
    assert_eq!(hosts("?binary=cinder-none").await, Vec::<Value>::new());
    let got = house.get(("me:abc:member", 71), "/v3/os-services").await;
    assert_eq!(got.fault(), (403, "User does not have admin privileges"));
}

/// Cinder's enable and disable answer 200 and store nothing.
#[tokio::test]
async fn defect_enable_and_disable_are_stored() {
    let house = House::furnished().await;
    beat(&house, "h@a", VOLUME).await;
    let status = async || {
        let service = listed(&house, 71, "").await.remove(0);
        (service["status"].clone(), service["disabled_reason"].clone())
    };
    let named = json!({ "host": "h@a", "binary": VOLUME });
    let got = put(&house, "disable", named.clone()).await;
    assert_eq!(
        got.body,
        json!({
            "host": "h@a", "service": "", "binary": VOLUME, "status": "disabled", "disabled": true,
        })
    );
    assert_eq!(status().await, (json!("disabled"), Value::Null));
    let old = json!({ "host": "h@a", "service": VOLUME, "disabled_reason": "disks" });
    let got = put(&house, "disable-log-reason", old).await;
    assert_eq!((got.status, &got.body["disabled_reason"]), (200, &json!("disks")));
    assert_eq!(status().await, (json!("disabled"), json!("disks")));
    let got = put(&house, "enable", named).await;
    assert_eq!((got.status, &got.body["disabled"]), (200, &json!(false)));
    assert_eq!(status().await, (json!("enabled"), Value::Null));
}

#[tokio::test]
async fn a_service_that_is_not_named_or_not_there_is_refused() {
    let house = House::furnished().await;
    let got = put(&house, "disable", json!({ "binary": VOLUME })).await;
    assert_eq!(got.fault(), (400, "Invalid input received: Host field is missing."));
    let got = put(&house, "enable", json!({ "binary": VOLUME, "host": "x" })).await;
    assert_eq!(got.fault(), (404, "Service cinder-volume could not be found on host x."));
    assert_eq!(put(&house, "enable", json!({ "host": "x" })).await.status, 400);
    assert_eq!(put(&house, "get-lost", json!({})).await.status, 404);
}

#[tokio::test]
async fn a_backend_is_frozen_once_and_thawed_once() {
    let house = House::furnished().await;
    beat(&house, "h@a", VOLUME).await;
    let host = json!({ "host": "h@a" });
    assert_eq!(put(&house, "freeze", host.clone()).await.status, 200);
    assert_eq!(listed(&house, 71, "").await[0]["frozen"], true);
    let got = put(&house, "freeze", host.clone()).await;
    assert_eq!(
        got.fault(),
        (
            400,
            "Invalid input received: No service could be changed: frozen in ['h@a'] must be False to failover."
        )
    );
    assert_eq!(put(&house, "thaw", host.clone()).await.status, 200);
    assert_eq!(put(&house, "thaw", host).await.status, 400);
    assert_eq!(listed(&house, 71, "").await[0]["frozen"], false);
    for (body, message) in [
        (json!({ "host": "x" }), "No service found with host=x"),
        (json!({ "cluster": "c" }), "No service found with cluster=c"),
        (json!({}), "One and only one of cluster and host must be set."),
    ] {
        let got = put(&house, "freeze", body).await;
        assert_eq!(got.fault(), (400, format!("Invalid input received: {message}").as_str()));
    }
    let got = house.ask((ADMIN.0, 25), "PUT", "/v3/os-services/thaw", &json!({})).await;
    assert_eq!(got.fault(), (400, "Invalid input received: Host field is missing."));
}
