//! What is still going on when a volume changes hands, or comes just then. In these clouds nothing goes on by itself:
//! what is accepted stays under way.

use std::time::Duration;

use ashlar_db::{args, testing};
use ashlar_operations::unmanage_snapshot;
use ashlar_testkit::glance::FakeGlance;
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use ashlar_types::{Caller, SnapshotStatus, VolumeStatus};
use serde_json::{Value, json};

use super::{accept, offer};
use crate::state_matrix::deed::Kind;
use crate::state_matrix::stage::{Staged, Wanted, default_type, stage};

/// A volume and its snapshot, both available.
async fn both(cloud: &Cloud, owner: &Client) -> Staged {
    let wanted = Wanted {
        volume: VolumeStatus::Available,
        kind: Kind::Plain,
        snapshot: Some(SnapshotStatus::Available),
        attachment: None,
    };
    stage(cloud, &owner.project, default_type(&cloud.db).await, wanted).await
}

/// All that is under way is over.
async fn end_all(cloud: &Cloud) {
    let mut tx = cloud.db.begin().await.expect("begins");
    tx.execute("UPDATE ashlar_flows SET finished = TRUE", &[]).await.expect("written");
    tx.commit().await.expect("stored");
}

/// Something that reads the bytes of a volume, or of its snapshot.
async fn read(client: &Client, how: &str, from: &Staged) -> String {
    let snapshot = from.snapshot.map(|id| id.to_string()).unwrap_or_default();
    let volume = from.volume.to_string();
    match how {
        "clone" => id_of(&client.create_volume(json!({ "source_volid": volume })).await),
        "copy" => id_of(&client.create_volume(json!({ "snapshot_id": snapshot })).await),
        _ => {
            let wish = json!({ "image_name": "image" });
            let answer = client.act(&volume, "os-volume_upload_image", wish).await.expect(202);
            answer.body["os-volume_upload_image"]["image_id"].as_str().expect("an id").to_owned()
        }
    }
}

#[tokio::test]
async fn what_is_being_read_changes_hands_when_that_is_over() {
    let glance = FakeGlance::start().await;
    for place in testing::databases().await {
        let mut plan = Plan::with_sim(&cloud::sim()).idle();
        plan.images = Some(glance.images(&std::env::temp_dir()));
        let cloud = Cloud::on(place, plan).await;
        let (giver, taker) = (cloud.member(), cloud.member());
        for how in ["clone", "copy", "upload"] {
            let staged = both(&cloud, &giver).await;
            let volume = staged.volume.to_string();
            let made = read(&giver, how, &staged).await;
            let reset = json!({ "status": "available" });
            let _ = cloud.admin().act(&volume, "os-reset_status", reset).await.expect(202);
            let offer = offer(&giver, &volume, json!({})).await;
            let message = accept(&taker, &offer).await.expect(400).message();
            assert!(message.ends_with("still under way; try again when it is over"), "{message}");
            assert!(!message.contains(&made), "{how}: {message}");
            end_all(&cloud).await;
            let _ = accept(&taker, &offer).await.expect(202);
        }
    }
}

#[tokio::test]
async fn a_copy_of_a_snapshot_that_stays_is_no_obstacle() {
    let cloud = Cloud::planned(Plan::with_sim(&cloud::sim()).idle()).await;
    let (giver, taker) = (cloud.member(), cloud.member());
    let staged = both(&cloud, &giver).await;
    read(&giver, "copy", &staged).await;
    let wish = json!({ "no_snapshots": true });
    let offer = offer(&giver, &staged.volume.to_string(), wish).await;
    let _ = accept(&taker, &offer).await.expect(202);
}

/// Long enough for a request to come to where it waits for a row.
const WHILE: Duration = Duration::from_millis(400);

/// Gives volume and snapshot to the project while `request` is under way; its answer.
async fn given_during<T>(
    cloud: &Cloud,
    staged: &Staged,
    project: &str,
    request: impl Future<Output = T>,
) -> T {
    let mut tx = cloud.db.begin().await.expect("begins");
    let sql = "UPDATE volumes SET project_id = ? WHERE id = ?";
    tx.execute(sql, args![project, staged.volume]).await.expect("written");
    let sql = "UPDATE snapshots SET project_id = ? WHERE volume_id = ?";
    tx.execute(sql, args![project, staged.volume]).await.expect("written");
    let giving = async {
        tokio::time::sleep(WHILE).await;
        tx.commit().await.expect("stored");
    };
    futures::join!(request, giving).0
}

#[tokio::test]
async fn a_copy_that_is_asked_for_just_then_is_not_made() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim()).idle()).await;
        let (giver, taker) = (cloud.member(), cloud.member());
        for key in ["source_volid", "snapshot_id"] {
            let staged = both(&cloud, &giver).await;
            let snapshot = staged.snapshot.map(|id| id.to_string());
            let id = if key == "snapshot_id" { snapshot } else { Some(staged.volume.to_string()) };
            let wish: Value = json!({ "volume": { key: id } });
            let asking = giver.post("/volumes", &wish);
            let answer = given_during(&cloud, &staged, &taker.project, asking).await;
            assert_eq!(answer.status, 404, "{key}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_snapshot_that_is_unmanaged_just_then_stays() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim()).idle()).await;
        let (giver, taker) = (cloud.member(), cloud.member());
        let staged = both(&cloud, &giver).await;
        let snapshot = staged.snapshot.expect("it has one");
        // By the default policy only an administrator may, who sees all.
        let caller = Caller { project_id: giver.project.clone(), ..Caller::default() };
        let asking = unmanage_snapshot::accept(&cloud.operations, &caller, snapshot);
        let answer = given_during(&cloud, &staged, &taker.project, asking).await;
        assert!(answer.is_err(), "it is another's by then");
        let shown = taker.get(&format!("/snapshots/{snapshot}")).await.expect(200);
        assert_eq!(shown.body["snapshot"]["status"], "available");
    }
}
