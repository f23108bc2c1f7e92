//! Services through the API: those that run are listed, and one that is switched off takes no volumes.

use ashlar_testkit::{Cloud, cloud};
use serde_json::json;

#[tokio::test]
async fn every_role_with_a_heartbeat_is_listed_and_up() {
    let cloud = Cloud::start().await;
    let listed = cloud.admin().get("/os-services").await.expect(200);
    let services = listed.body["services"].as_array().cloned().unwrap_or_default();
    let mut seen: Vec<String> = services
        .iter()
        .map(|service| {
            assert_eq!((&service["state"], &service["status"]), (&json!("up"), &json!("enabled")));
            format!("{} {}", service["binary"], service["host"]).replace('"', "")
        })
        .collect();
    seen.sort_unstable();
    let host = cloud::HOST;
    assert_eq!(seen, [format!("cinder-scheduler {host}"), format!("cinder-volume {host}@sim")]);
    let member = cloud.member().get("/os-services").await.expect(403);
    assert_eq!(member.message(), "User does not have admin privileges");
}

/// Cinder's disable and enable store nothing, so it would go on taking volumes.
#[tokio::test]
async fn defect_a_backend_that_is_switched_off_takes_no_volume_until_it_is_on_again() {
    let cloud = Cloud::start().await;
    let admin = cloud.admin();
    let named = json!({ "binary": "cinder-volume", "host": format!("{}@sim", cloud::HOST) });
    let _ = admin.put("/os-services/disable", &named).await.expect(200);
    let pools = admin.get("/scheduler-stats/get_pools").await.expect(200);
    assert_eq!(pools.body, json!({ "pools": [] }));
    let zones = admin.get("/os-availability-zone").await.expect(200);
    assert_eq!(
        zones.body,
        json!({ "availabilityZoneInfo": [
            { "zoneName": "nova", "zoneState": { "available": false } },
        ] })
    );
    let _ = admin.put("/os-services/enable", &named).await.expect(200);
    let zones = cloud.member().get("/os-availability-zone").await.expect(200);
    assert_eq!(zones.body["availabilityZoneInfo"][0]["zoneState"]["available"], true);
    let _ = admin.volume(1).await;
}
