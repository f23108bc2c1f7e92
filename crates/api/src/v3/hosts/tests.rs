//! Hosts over a database whose clock stands still.

use ashlar_db::services::{SCHEDULER, VOLUME, heartbeat};
use ashlar_db::{DbError, transact};
use serde_json::{Value, json};

use crate::testing::House;

const ADMIN: (&str, u16) = ("root:abc", 71);

async fn house() -> House {
    let house = House::furnished().await;
    for (host, binary) in [("node", SCHEDULER), ("node@file", VOLUME)] {
        let (db, now) = (&house.app.db, house.app.clock.now());
        let beat: Result<_, DbError> =
            transact!(db, tx => heartbeat(tx, host, binary, "nova", now).await);
        beat.expect("a service");
    }
    house
}

async fn hosts(house: &House, query: &str) -> Vec<String> {
    let got = house.get(ADMIN, &format!("/v3/os-hosts{query}")).await;
    assert_eq!(got.status, 200);
    let all = got.body["hosts"].as_array().expect("a list");
    all.iter().map(|host| host["host_name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn hosts_are_the_services_that_are_enabled() {
    let house = house().await;
    let got = house.get(ADMIN, "/v3/os-hosts").await.body;
    let mut first = got["hosts"][0].clone();
    assert!(first["last-update"].take().is_string());
    assert_eq!(
        first,
        json!({
            "host_name": "node", "service": "cinder-scheduler", "zone": "nova",
            "service-status": "available", "service-state": "enabled", "last-update": null,
        })
    );
    assert_eq!(hosts(&house, "?zone=nova").await, ["node", "node@file"]);
    assert!(hosts(&house, "?zone=other").await.is_empty());
}

#[tokio::test]
async fn a_host_is_switched_off_and_on_again() {
    let house = house().await;
    let put = async |host: &str, body: Value| {
        house.ask(ADMIN, "PUT", &format!("/v3/os-hosts/{host}"), &body).await
    };
    let got = put("node@file", json!({ "Status": " Disable" })).await;
    assert_eq!((got.status, got.body), (200, json!({ "host": "node@file", "status": "disabled" })));
    assert_eq!(hosts(&house, "").await, ["node"]);
    let got = house.get(ADMIN, "/v3/os-hosts/node@file").await;
    let message = "Service None could not be found on host node@file.";
    assert_eq!(got.fault(), (404, message));
    let got = put("node@file", json!({ "status": "enable" })).await;
    assert_eq!(got.body, json!({ "host": "node@file", "status": "enabled" }));
    assert_eq!(hosts(&house, "").await, ["node", "node@file"]);
    let got = put("node@file", json!({ "status": "off" })).await;
    assert_eq!(got.fault(), (400, "Invalid status: 'off'"));
    let got = put("node@file", json!({ "colour": "red" })).await;
    assert_eq!(got.fault(), (400, "Invalid update setting: 'colour'"));
    for none in ["node", "nobody"] {
        let got = put(none, json!({ "colour": "red" })).await;
        let message = format!("Host {none} could not be found.");
        assert_eq!(got.fault(), (404, message.as_str()));
    }
}

#[tokio::test]
async fn an_empty_backend_has_a_total_of_nothing() {
    let house = house().await;
    let got = house.get(ADMIN, "/v3/os-hosts/node@file").await;
    let total = json!({
        "host": "node@file", "project": "(total)", "volume_count": "0",
        "total_volume_gb": "0", "snapshot_count": "0", "total_snapshot_gb": "0",
    });
    assert_eq!(got.body, json!({ "host": [{ "resource": total }] }));
    assert_eq!(house.get(("me:abc:member", 71), "/v3/os-hosts").await.status, 403);
}
