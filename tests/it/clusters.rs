//! Clusters of an imported database: the services of one that is switched off or frozen take no volumes.

use ashlar_db::args;
use ashlar_testkit::{Cloud, cloud};
use serde_json::json;

/// The backend's service is in a cluster, as Cinder writes it.
async fn clustered() -> Cloud {
    let cloud = Cloud::start().await;
    let mut tx = cloud.db.begin().await.expect("a transaction");
    let sql = "INSERT INTO clusters (deleted, name, \"binary\", disabled, race_preventer, \
               replication_status, frozen) VALUES (FALSE, 'c@sim', 'cinder-volume', FALSE, 0, \
               'not-capable', FALSE)";
    tx.execute(sql, args![]).await.expect("a cluster");
    let sql = "UPDATE services SET cluster_name = 'c@sim' WHERE host = ?";
    let host = format!("{}@sim", cloud::HOST);
    assert_eq!(tx.execute(sql, args![&host]).await.expect("it joins"), 1);
    tx.commit().await.expect("it is stored");
    cloud
}

#[tokio::test]
async fn a_cluster_that_is_switched_off_takes_no_volume_until_it_is_on_again() {
    let cloud = clustered().await;
    let admin = cloud.admin();
    let listed = admin.get("/os-services").await.expect(200);
    let services = listed.body["services"].as_array().cloned().unwrap_or_default();
    assert!(services.iter().any(|service| service["cluster"] == "c@sim"), "{}", listed.body);
    let wish = json!({ "name": "c@sim", "disabled_reason": "disks" });
    let _ = admin.put("/clusters/disable", &wish).await.expect(200);
    let detail = admin.get("/clusters/detail?disabled=true").await.expect(200);
    let cluster = &detail.body["clusters"][0];
    assert_eq!((&cluster["state"], &cluster["disabled_reason"]), (&json!("up"), &json!("disks")));
    assert_eq!((&cluster["num_hosts"], &cluster["num_down_hosts"]), (&json!(1), &json!(0)));
    let volume = admin.create_volume(json!({ "size": 1 })).await;
    let id = volume["id"].as_str().expect("an id").to_owned();
    admin.wait_for("volumes", &id, "error").await;
    let _ = admin.put("/clusters/enable", &json!({ "name": "c@sim" })).await.expect(200);
    let _ = admin.volume(1).await;
    let member = cloud.member().get("/clusters").await;
    assert_eq!(member.status, 403);
    cloud.check().await;
}

#[tokio::test]
async fn a_frozen_cluster_thaws_by_the_name_of_its_host() {
    let cloud = clustered().await;
    let admin = cloud.admin();
    let _ = admin.put("/os-services/freeze", &json!({ "cluster": "c@sim" })).await.expect(200);
    assert_eq!(admin.get("/clusters/c@sim").await.expect(200).body["cluster"]["frozen"], true);
    let host = json!({ "host": format!("{}@sim", cloud::HOST) });
    let _ = admin.put("/os-services/thaw", &host).await.expect(200);
    assert_eq!(admin.get("/clusters/c@sim").await.expect(200).body["cluster"]["frozen"], false);
    let refused =
        admin.put("/os-services/failover", &json!({ "cluster": "c@sim" })).await.expect(400);
    assert!(refused.message().contains("must be up to failover"), "{}", refused.body);
    let _ = admin.volume(1).await;
    cloud.check().await;
}
