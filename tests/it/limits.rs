//! Limits through the API: they agree with what is there.

use ashlar_testkit::{Client, Cloud, Plan, cloud};
use serde_json::{Value, json};

async fn absolute(client: &Client, query: &str) -> Value {
    client.get(&format!("/limits{query}")).await.expect(200).body["limits"]["absolute"].clone()
}

#[tokio::test]
async fn used_values_follow_what_the_project_has() {
    let limits = [("volumes", 4), ("snapshots", 3), ("gigabytes", 20)];
    let cloud = Cloud::planned(Plan::with_sim(&cloud::sim()).limits(&limits)).await;
    let member = cloud.member();
    let volume = member.volume(2).await;
    let _ = member.snapshot(&volume).await;
    let shown = absolute(&member, "").await;
    for (name, value) in [
        ("maxTotalVolumes", 4),
        ("maxTotalSnapshots", 3),
        ("maxTotalVolumeGigabytes", 20),
        ("totalVolumesUsed", 1),
        ("totalSnapshotsUsed", 1),
        ("totalGigabytesUsed", 4),
        ("totalBackupsUsed", 0),
        ("totalBackupGigabytesUsed", 0),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    let nobody = cloud.client(&member.project, &["other"]);
    let shown = absolute(&nobody, "").await;
    assert_eq!((&shown["maxTotalVolumes"], shown.get("totalVolumesUsed")), (&json!(4), None));
}

#[tokio::test]
async fn an_administrator_sees_another_projects_limits_from_3_39_on() {
    let cloud = Cloud::start().await;
    let (admin, member) = (cloud.admin(), cloud.member());
    let _ = member.volume(1).await;
    let query = format!("?project_id={}", member.project);
    assert_eq!(absolute(&admin.at(38), &query).await["totalVolumesUsed"], 0);
    assert_eq!(absolute(&admin.at(39), &query).await["totalVolumesUsed"], 1);
    assert_eq!(absolute(&cloud.member(), &query).await["totalVolumesUsed"], 0);
}
