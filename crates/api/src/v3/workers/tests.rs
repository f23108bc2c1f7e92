//! Cleaning up, over a database whose clock stands still and in which nobody works.

use std::time::Duration;

use ashlar_db::flows::{self, BirthClaim};
use ashlar_db::services::{SCHEDULER, VOLUME, heartbeat};
use ashlar_db::{DbError, transact};
use ashlar_flow::{NewFlow, Role, Subject};
use ashlar_types::{FlowId, Timestamp};
use serde_json::{Value, json};

use crate::testing::{Got, House};

const VOLUME_ID: &str = "00000000-0000-4000-8000-000000000001";

async fn beat(house: &House, host: &str, binary: &str) {
    let (db, now) = (&house.app.db, house.app.clock.now());
    let beat: Result<_, DbError> =
        transact!(db, tx => heartbeat(tx, host, binary, "nova", now).await);
    beat.expect("a service");
}

/// An operation on the volume that waits for the backend; not before `at`, or claimed until then.
async fn waiting(house: &House, host: &str, at: Timestamp, claimed: bool) -> FlowId {
    let now = house.app.clock.now();
    let new = NewFlow {
        id: FlowId::fresh(),
        name: "delete-volume",
        version: 1,
        state: "{}".to_owned(),
        role: Role::Volume,
        target: Some(host.to_owned()),
        subject: Subject {
            kind: "volume".to_owned(),
            id: VOLUME_ID.to_owned(),
            project_id: "p".to_owned(),
            request_id: "req-1".to_owned(),
        },
        at: if claimed { now } else { at },
        turn: now,
    };
    let claim = claimed.then_some(BirthClaim { worker: "volume@gone/1", until: at });
    let db = &house.app.db;
    let stored: Result<(), DbError> = transact!(db, tx => flows::insert(tx, &new, claim).await);
    stored.expect("stored");
    new.id
}

/// Who has the flow, and in how many seconds it is due.
async fn state(house: &House, id: FlowId) -> (Option<String>, u64) {
    let mut tx = house.app.db.read().await.expect("reads");
    let listed = flows::get(&mut tx, id).await.expect("read").expect("it is there");
    let left = listed.record.not_before.since(house.app.clock.now());
    (listed.claimed_by, left.as_secs())
}

async fn clean(house: &House, body: Value) -> Got {
    house.ask(("root:abc", 71), "POST", "/v3/workers/cleanup", &body).await
}

fn hosts(got: &Got, list: &str) -> Vec<String> {
    assert_eq!(got.status, 202, "{}", got.body);
    let named = got.body[list].as_array().expect("a list");
    named.iter().map(|service| service["host"].as_str().expect("a host").to_owned()).collect()
}

#[tokio::test]
async fn who_is_down_is_cleaned_by_another_if_there_can_be_one() {
    let house = House::furnished().await;
    beat(&house, "h", SCHEDULER).await;
    beat(&house, "h@a", VOLUME).await;
    house.app.clock.advance(Duration::from_secs(61));
    beat(&house, "h@b", VOLUME).await;
    let got = clean(&house, json!({})).await;
    assert_eq!(
        (hosts(&got, "cleaning"), hosts(&got, "unavailable")),
        (vec!["h".to_owned()], vec!["h@a".to_owned()])
    );
    let shown = json!({ "id": 2, "host": "h@a", "binary": "cinder-volume", "cluster_name": null });
    assert_eq!(got.body["unavailable"], json!([shown]));
    for (wish, cleaning, unavailable) in [
        (json!({ "is_up": "true" }), vec!["h@b"], vec![]),
        (json!({ "is_up": true, "host": "h@a" }), vec![], vec![]),
        (json!({ "service_id": "2" }), vec![], vec!["h@a"]),
        (json!({ "service_id": 1, "binary": "cinder-scheduler" }), vec!["h"], vec![]),
        (json!({ "cluster_name": "c" }), vec![], vec![]),
        (json!({ "disabled": true }), vec![], vec![]),
    ] {
        let got = clean(&house, wish.clone()).await;
        assert_eq!(hosts(&got, "cleaning"), cleaning, "{wish}");
        assert_eq!(hosts(&got, "unavailable"), unavailable, "{wish}");
    }
}

#[tokio::test]
async fn what_waits_is_due_at_once_and_what_is_worked_on_stays() {
    let house = House::furnished().await;
    beat(&house, "h@a", VOLUME).await;
    let now = house.app.clock.now();
    let (soon, later) = (now.after(Duration::from_secs(5)), now.after(Duration::from_secs(60)));
    let left = waiting(&house, "h@a", soon, true).await;
    let paused = waiting(&house, "h@a", later, false).await;
    let worked_on = waiting(&house, "h@a", later, true).await;
    let elsewhere = waiting(&house, "h@b", later, false).await;
    house.app.clock.advance(Duration::from_secs(10));
    let got = clean(&house, json!({ "is_up": true, "resource_type": "VOLUME" })).await;
    assert_eq!(hosts(&got, "cleaning"), ["h@a"]);
    assert_eq!(state(&house, left).await, (None, 0));
    assert_eq!(state(&house, paused).await, (None, 0));
    assert_eq!(state(&house, worked_on).await.0.as_deref(), Some("volume@gone/1"));
    assert_eq!(state(&house, elsewhere).await, (None, 50));
}

#[tokio::test]
async fn a_resource_alone_names_the_services_that_its_operations_wait_for() {
    let house = House::furnished().await;
    for host in ["h@a", "h@b"] {
        beat(&house, host, VOLUME).await;
    }
    let later = house.app.clock.now().after(Duration::from_secs(60));
    let wish = json!({ "resource_id": VOLUME_ID, "is_up": true });
    let got = clean(&house, wish.clone()).await;
    let message = format!(
        "Invalid input received: There is no resource with UUID {VOLUME_ID} pending cleanup."
    );
    assert_eq!(got.fault(), (400, message.as_str()));
    let paused = waiting(&house, "h@b", later, false).await;
    assert_eq!(hosts(&clean(&house, wish).await, "cleaning"), ["h@b"]);
    assert_eq!(state(&house, paused).await.1, 0);
    let wish = json!({ "resource_id": VOLUME_ID, "resource_type": "snapshot", "is_up": true });
    assert_eq!(clean(&house, wish).await.status, 400);
}

#[tokio::test]
async fn what_cinder_refuses_is_refused() {
    let house = House::furnished().await;
    let got = clean(&house, json!({ "resource_type": "Group" })).await;
    let message =
        "Invalid input received: Resource type Group not valid, must be Volume or Snapshot";
    assert_eq!(got.fault(), (400, message));
    for wish in [
        json!({ "binary": "cinder-backup" }),
        json!({ "is_up": "maybe" }),
        json!({ "resource_id": "1" }),
        json!({ "service_id": "one" }),
        json!({ "host": "h h" }),
        json!({ "colour": "red" }),
    ] {
        assert_eq!(clean(&house, wish.clone()).await.status, 400, "{wish}");
    }
    let got = house.ask(("root:abc", 23), "POST", "/v3/workers/cleanup", &json!({})).await;
    assert_eq!(got.status, 404);
    let got = house.ask(("me:abc:member", 71), "POST", "/v3/workers/cleanup", &json!({})).await;
    assert_eq!(got.status, 403);
}
