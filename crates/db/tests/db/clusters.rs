//! Clusters as Cinder writes them, and their services.

use std::time::Duration;

use ashlar_db::clusters::{self, ClusterFilter};
use ashlar_db::testing::databases;
use ashlar_db::{Tx, args, services};
use ashlar_types::BackendName;

use crate::made::{NOW, at};

const MINUTE: Duration = Duration::from_secs(60);

async fn cluster(tx: &mut Tx, name: &str, hosts: &[&str]) {
    let sql = "INSERT INTO clusters (created_at, deleted, name, \"binary\", disabled, race_preventer, \
               replication_status, frozen) VALUES (?, FALSE, ?, ?, FALSE, 0, 'not-capable', FALSE)";
    tx.execute(sql, args![NOW, name, services::VOLUME]).await.expect("a cluster");
    for (host, seconds) in hosts.iter().zip(0..) {
        let seen = at(seconds);
        services::heartbeat(tx, host, services::VOLUME, "z", seen).await.expect("a service");
        let sql = "UPDATE services SET cluster_name = ? WHERE host = ?";
        tx.execute(sql, args![name, *host]).await.expect("it joins");
    }
}

#[tokio::test]
async fn a_cluster_sums_up_its_services() {
    for test in databases().await {
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        cluster(tx, "c@a", &["h@a", "i@a"]).await;
        cluster(tx, "c_a", &[]).await;
        let seen = (at(61), MINUTE);
        let found = clusters::get(tx, "c@a", services::VOLUME, seen).await.expect("ok");
        let found = found.expect("it is there");
        assert_eq!((found.num_hosts, found.num_down_hosts), (2, 1));
        assert_eq!((found.last_heartbeat, found.created_at), (Some(at(1)), Some(NOW)));
        assert_eq!(clusters::get(tx, "c", services::VOLUME, seen).await.expect("ok"), None);
        for (filter, expected) in [
            (ClusterFilter::default(), 2),
            (ClusterFilter { name: Some("c".to_owned()), ..Default::default() }, 1),
            (ClusterFilter { num_hosts: Some(0), ..Default::default() }, 1),
            (ClusterFilter { disabled: Some(true), ..Default::default() }, 0),
            (ClusterFilter { frozen: Some(false), ..Default::default() }, 2),
        ] {
            let found = clusters::list(tx, &filter, seen.0, seen.1).await.expect("ok");
            assert_eq!(found.len(), expected, "{filter:?}");
        }
    }
}

#[tokio::test]
async fn what_is_said_of_a_cluster_is_said_of_its_services() {
    for test in databases().await {
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        cluster(tx, "c@a", &["h@a"]).await;
        services::heartbeat(tx, "h@b", services::VOLUME, "z", NOW).await.expect("ok");
        assert!(services::shut(tx).await.expect("ok").is_empty());
        let named = ("c@a", services::VOLUME);
        assert!(clusters::set_disabled(tx, named, true, Some("why"), at(5)).await.expect("ok"));
        let shut = services::shut(tx).await.expect("ok");
        assert_eq!(shut.keys().collect::<Vec<_>>(), ["h@a"]);
        assert!(clusters::set_disabled(tx, named, false, Some("why"), at(5)).await.expect("ok"));
        assert!(clusters::set_frozen(tx, named, true, at(6)).await.expect("ok"));
        assert!(!clusters::set_frozen(tx, named, true, at(6)).await.expect("ok"));
        let shut = services::shut(tx).await.expect("ok");
        assert_eq!(shut.get("h@a"), Some(&ashlar_types::Availability::Frozen));
        let found = clusters::get(tx, "c@a", services::VOLUME, (at(6), MINUTE)).await.expect("ok");
        let found = found.expect("it is there");
        assert_eq!(
            (found.frozen, found.disabled_reason, found.updated_at),
            (true, None, Some(at(6)))
        );
        let service = services::volume_service(tx, &BackendName::new("h", "a")).await.expect("ok");
        assert!(service.is_some_and(|service| !service.frozen), "its own row stays");
    }
}
