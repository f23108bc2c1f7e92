//! What is asked of a backend as a whole: freezing it, and failing it over.

use ashlar_db::services::VOLUME;
use ashlar_db::{DbError, args, transact};
use serde_json::{Value, json};

use super::{ADMIN, beat, listed, put};
use crate::testing::House;
use crate::v3::clusters::tests::cluster;

#[tokio::test]
async fn a_backend_that_does_not_replicate_is_not_failed_over() {
    let house = House::furnished().await;
    beat(&house, "h@a", VOLUME).await;
    let refused = "Invalid input received: No service could be changed: replication_status in ['h@a'] \
                   must be ['enabled', 'failed-over'] and must be up to failover.";
    for deed in ["failover_host", "failover"] {
        let got = put(&house, deed, json!({ "host": "h@a", "backend_id": "other" })).await;
        assert_eq!(got.fault(), (400, refused));
        for (body, message) in [
            (json!({ "host": "x" }), "No service found with host=x"),
            (json!({ "cluster": "c" }), "No service found with cluster=c"),
            (json!({}), "One and only one of cluster and host must be set."),
        ] {
            let got = put(&house, deed, body).await;
            assert_eq!(got.fault(), (400, format!("Invalid input received: {message}").as_str()));
        }
    }
    assert_eq!(put(&house, "failover", json!({ "colour": "red" })).await.status, 400);
    let host = json!({ "host": "h@a" });
    let old = house.ask((ADMIN.0, 25), "PUT", "/v3/os-services/failover", &host).await;
    assert_eq!(old.status, 404);
    let old = house.ask((ADMIN.0, 0), "PUT", "/v3/os-services/failover_host", &host).await;
    assert_eq!(old.fault(), (400, refused));
}

/// The row is from the time when a driver of Cinder's served the backend.
#[tokio::test]
async fn a_backend_that_replicated_under_cinder_is_not_failed_over_either() {
    let house = House::furnished().await;
    beat(&house, "h@a", VOLUME).await;
    let db = &house.app.db;
    let sql = "UPDATE services SET replication_status = 'enabled'";
    let changed: Result<u64, DbError> = transact!(db, tx => tx.execute(sql, args![]).await);
    changed.expect("changed");
    let got = put(&house, "failover_host", json!({ "host": "h@a" })).await;
    let message = "Invalid input received: No service could be changed: the driver of ['h@a'] does not \
                   replicate.";
    assert_eq!(got.fault(), (400, message));
    assert_eq!(listed(&house, 71, "").await[0]["replication_status"], "enabled");
}

#[tokio::test]
async fn a_cluster_is_frozen_with_all_its_services() {
    let house = House::furnished().await;
    cluster(&house, "c@a", &["h@a", "i@a"]).await;
    beat(&house, "h@b", VOLUME).await;
    let frozen = async || -> Vec<Value> {
        listed(&house, 71, "").await.iter().map(|service| service["frozen"].clone()).collect()
    };
    assert_eq!(put(&house, "freeze", json!({ "cluster": "c@a" })).await.status, 200);
    assert_eq!(frozen().await, [true, true, false]);
    let shown = house.get(ADMIN, "/v3/clusters/c@a").await;
    assert_eq!(shown.body["cluster"]["frozen"], true);
    let got = put(&house, "freeze", json!({ "cluster": "c@a" })).await;
    let message = "Invalid input received: frozen in c@a must be False to failover.";
    assert_eq!(got.fault(), (400, message));
    assert_eq!(put(&house, "thaw", json!({ "host": "i@a" })).await.status, 200);
    assert_eq!(frozen().await, [false, false, false]);
    cluster(&house, "c@b", &["h@c"]).await;
    let got = put(&house, "freeze", json!({ "cluster": "c" })).await;
    assert_eq!(got.fault(), (400, "Services from different clusters found."));
}
