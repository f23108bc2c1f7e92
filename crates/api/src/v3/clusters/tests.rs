//! Clusters as Cinder leaves them, over a database whose clock stands still.

use std::time::Duration;

use ashlar_db::services::{VOLUME, heartbeat};
use ashlar_db::{DbError, args, transact};
use serde_json::{Value, json};

use crate::testing::House;

const ADMIN: &str = "root:abc";

/// A cluster with a row as Cinder writes it, and its services; each has just been heard of.
pub(in crate::v3) async fn cluster(house: &House, name: &str, hosts: &[&str]) {
    let (db, now) = (&house.app.db, house.app.clock.now());
    let made: Result<(), DbError> = transact!(db, tx => async {
        tx.execute(
            "INSERT INTO clusters (created_at, deleted, name, \"binary\", disabled, race_preventer, \
             replication_status, frozen) VALUES (?, FALSE, ?, ?, FALSE, 0, 'not-capable', FALSE)",
            args![now, name, VOLUME],
        )
        .await?;
        for host in hosts {
            heartbeat(tx, host, VOLUME, "nova", now).await?;
            let sql = "UPDATE services SET cluster_name = ? WHERE host = ?";
            tx.execute(sql, args![name, *host]).await?;
        }
        Ok::<_, DbError>(())
    }.await);
    made.expect("a cluster");
}

async fn listed(house: &House, query: &str) -> Vec<String> {
    let got = house.get((ADMIN, 71), &format!("/v3/clusters{query}")).await;
    assert_eq!(got.status, 200, "{query}: {}", got.body);
    let clusters = got.body["clusters"].as_array().expect("a list");
    clusters.iter().map(|cluster| cluster["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn without_clusters_lists_are_empty_and_none_is_found() {
    let house = House::furnished().await;
    assert!(listed(&house, "").await.is_empty() && listed(&house, "/detail").await.is_empty());
    let got = house.get((ADMIN, 7), "/v3/clusters/c").await;
    let message = "Cluster {'binary': 'cinder-volume', 'name': 'c'} could not be found.";
    assert_eq!(got.fault(), (404, message));
    assert_eq!(house.get((ADMIN, 6), "/v3/clusters").await.status, 404);
    assert_eq!(house.get(("me:abc:member", 71), "/v3/clusters").await.status, 403);
    let wish = json!({ "name": "c" });
    let got = house.ask((ADMIN, 71), "PUT", "/v3/clusters/enable", &wish).await;
    assert_eq!(got.fault(), (404, message));
}

#[tokio::test]
async fn a_cluster_is_shown_with_its_services_summed_up() {
    let house = House::furnished().await;
    cluster(&house, "c@one", &["h@one", "i@one"]).await;
    cluster(&house, "c@none", &[]).await;
    house.app.clock.advance(Duration::from_secs(59));
    cluster(&house, "d", &["h@d"]).await;
    house.app.clock.advance(Duration::from_secs(2));
    let got = house.get((ADMIN, 71), "/v3/clusters/c@one").await;
    assert_eq!(
        got.body,
        json!({ "cluster": {
            "name": "c@one", "binary": "cinder-volume", "state": "down", "status": "enabled",
            "replication_status": "not-capable", "num_hosts": 2, "num_down_hosts": 2,
            "last_heartbeat": "2026-11-22T10:11:12.000345", "created_at": "2026-11-22T10:11:12.000345",
            "updated_at": "", "disabled_reason": null, "frozen": false, "active_backend_id": null,
        } })
    );
    let old = house.get((ADMIN, 25), "/v3/clusters/c@one").await.body;
    let old = old["cluster"].as_object().expect("an object");
    assert!(
        ["frozen", "replication_status", "active_backend_id"]
            .iter()
            .all(|key| !old.contains_key(*key))
    );
    let summary = house.get((ADMIN, 25), "/v3/clusters?name=d").await.body;
    let expected = json!({
        "name": "d", "binary": "cinder-volume", "state": "up", "status": "enabled",
    });
    assert_eq!(summary, json!({ "clusters": [expected] }));
}

#[tokio::test]
async fn a_list_is_filtered_by_what_cinder_knows_and_nothing_else() {
    let house = House::furnished().await;
    cluster(&house, "c@one", &["h@one", "i@one"]).await;
    cluster(&house, "c@none", &[]).await;
    cluster(&house, "cc", &["h@cc"]).await;
    for (query, expected) in [
        ("?name=c", vec!["c@one", "c@none"]),
        ("?name=c@one", vec!["c@one"]),
        ("?is_up=yes", vec!["c@one", "cc"]),
        ("/detail?is_up=0", vec!["c@none"]),
        ("?num_hosts=2&num_down_hosts=0", vec!["c@one"]),
        ("?num_hosts=many", vec![]),
        ("?binary=cinder-backup", vec![]),
        ("?disabled=true", vec![]),
        ("?frozen=false&replication_status=not-capable", vec!["c@one", "c@none", "cc"]),
    ] {
        assert_eq!(listed(&house, query).await, expected, "{query}");
    }
    for (minor, query, message) in [
        (71, "colour=red", "Invalid input received: Invalid filter keys: colour"),
        (25, "frozen=true", "Invalid input received: Invalid filter keys: frozen"),
        (71, "is_up=maybe", "Value 'maybe' for 'is_up' is not a boolean."),
    ] {
        let got = house.get((ADMIN, minor), &format!("/v3/clusters?{query}")).await;
        assert_eq!(got.fault(), (400, message));
    }
}

#[tokio::test]
async fn a_cluster_is_switched_off_with_a_reason_and_on_again() {
    let house = House::furnished().await;
    cluster(&house, "c", &["h@a"]).await;
    let put = async |deed: &str, body: Value| {
        house.ask((ADMIN, 71), "PUT", &format!("/v3/clusters/{deed}"), &body).await
    };
    let got = put("disable", json!({ "name": "c", "disabled_reason": " disks " })).await;
    assert_eq!(
        got.body,
        json!({ "cluster": {
            "name": "c", "binary": "cinder-volume", "state": "up", "status": "disabled",
            "replication_status": "not-capable", "disabled_reason": "disks",
        } })
    );
    assert_eq!(listed(&house, "?disabled=1").await, ["c"]);
    let shut = ashlar_db::services::shut(&mut house.app.db.read().await.expect("reads")).await;
    assert!(shut.expect("read").contains_key("h@a"), "its services are given nothing");
    let got = put("enable", json!({ "name": "c", "binary": "cinder-volume" })).await;
    assert_eq!((got.status, &got.body["cluster"]["disabled_reason"]), (200, &Value::Null));
    assert_eq!(put("enable", json!({ "name": "c", "disabled_reason": "x" })).await.status, 400);
    assert_eq!(put("disable", json!({ "name": "c", "disabled_reason": " " })).await.status, 400);
    assert_eq!(put("disable", json!({})).await.status, 400);
}
