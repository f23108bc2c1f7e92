//! Hosts through the API: what lies on a backend, project by project, and switching it off.

use ashlar_db::testing;
use ashlar_testkit::{Cloud, Plan, cloud};
use serde_json::{Value, json};

fn row(project: &str, volumes: [u64; 2], snapshots: [u64; 2]) -> Value {
    json!({ "resource": {
        "host": format!("{}@sim", cloud::HOST), "project": project,
        "volume_count": volumes[0].to_string(), "total_volume_gb": volumes[1].to_string(),
        "snapshot_count": snapshots[0].to_string(), "total_snapshot_gb": snapshots[1].to_string(),
    }})
}

#[tokio::test]
async fn a_backend_tells_who_has_how_much_on_it() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let (one, two) = (cloud.member(), cloud.member());
        let volume = one.volume(3).await;
        let _ = one.volume(1).await;
        let _ = two.volume(2).await;
        let _ = one.snapshot(&volume).await;
        let url = format!("/os-hosts/{}@sim", cloud::HOST);
        let shown = cloud.admin().get(&url).await.expect(200);
        let mut rows = vec![row(&one.project, [2, 4], [1, 3]), row(&two.project, [1, 2], [0, 0])];
        rows.sort_by_key(|row| row["resource"]["project"].to_string());
        rows.insert(0, row("(total)", [3, 6], [1, 3]));
        assert_eq!(shown.body, json!({ "host": rows }));
        cloud.check().await;
    }
}

/// Cinder answers 500 whatever is asked.
#[tokio::test]
async fn defect_a_host_that_is_switched_off_takes_no_volume_until_it_is_on_again() {
    let cloud = Cloud::start().await;
    let admin = cloud.admin();
    let url = format!("/os-hosts/{}@sim", cloud::HOST);
    let off = admin.put(&url, &json!({ "status": "disable" })).await.expect(200);
    assert_eq!(off.body["status"], "disabled");
    let refused = admin.create_volume(json!({ "size": 1 })).await;
    let id = refused["id"].as_str().expect("an id");
    admin.wait_for("volumes", id, "error").await;
    let _ = admin.put(&url, &json!({ "status": "enable" })).await.expect(200);
    let _ = admin.volume(1).await;
    cloud.check().await;
}
