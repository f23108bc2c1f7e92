//! While nobody works, anything can be put in the middle of an operation.

use std::time::Duration;

use ashlar_db::{pools, quotas, testing, volumes};
use ashlar_drivers::FailureKind;
use ashlar_drivers::sim::{Call, PlannedFailure, Sim, When};
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use ashlar_types::quota::volume_deltas;
use ashlar_types::{Gib, Timestamp, VolumeId};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A cloud whose worker works only when told to.
struct Stopped {
    cloud: Cloud,
    sim: Sim,
    admin: Client,
}

struct Working {
    stop: CancellationToken,
    worker: JoinHandle<()>,
}

impl Stopped {
    async fn everywhere() -> Vec<Self> {
        let mut all = Vec::new();
        for place in testing::databases().await {
            let sim = cloud::sim();
            let cloud = Cloud::on(place, Plan::with_sim(&sim).idle()).await;
            let admin = cloud.admin();
            all.push(Self { cloud, sim, admin });
        }
        all
    }

    fn work(&self) -> Working {
        let (runner, stop) = (self.cloud.runner.clone(), CancellationToken::new());
        let told = stop.clone();
        Working { stop, worker: tokio::spawn(async move { runner.run(told).await }) }
    }

    /// A volume, of a type when one is named, made before the work stops.
    async fn volume(&self, volume_type: Option<&str>) -> String {
        let working = self.work();
        let id = self.admin.volume_of(json!({ "size": 1, "volume_type": volume_type })).await;
        working.stop.cancel();
        working.worker.await.expect("it ends");
        id
    }

    async fn reset(&self, volume: &str, status: &str) {
        let _ = self
            .admin
            .act(volume, "os-reset_status", json!({ "status": status }))
            .await
            .expect(202);
    }

    async fn extend(&self, volume: &str, size: u64, answer: u16) {
        let _ =
            self.admin.act(volume, "os-extend", json!({ "new_size": size })).await.expect(answer);
    }

    /// Everything that waits is done, and what must hold then does.
    async fn finish(&self) {
        let working = self.work();
        self.cloud.check().await;
        working.stop.cancel();
        working.worker.await.expect("it ends");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_volume_reset_to_error_while_it_is_made_is_deleted_after_that() {
    for house in Stopped::everywhere().await {
        let made = house.admin.create_volume(json!({ "size": 1 })).await;
        let id = id_of(&made);
        house.reset(&id, "error").await;
        let _ = house.admin.delete(&format!("/volumes/{id}")).await.expect(202);
        house.finish().await;
        let _ = house.admin.get(&format!("/volumes/{id}")).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_volume_reset_while_it_is_extended_is_not_extended_a_second_time() {
    for house in Stopped::everywhere().await {
        let id = house.volume(None).await;
        house.extend(&id, 5, 202).await;
        house.reset(&id, "available").await;
        house.extend(&id, 3, 400).await;
        house.finish().await;
        let shown = house.admin.get(&format!("/volumes/{id}")).await.expect(200).body;
        assert_eq!(shown["volume"]["size"], 5);
        house.extend(&id, 6, 202).await;
        house.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_extend_counts_from_the_size_that_the_volume_has_once_it_is_its_turn() {
    for house in Stopped::everywhere().await {
        let id = house.volume(None).await;
        // What an extend from 1 to 3 commits at its end, at the moment when the next is accepted.
        let (mut tx, now) = (house.cloud.db.begin().await.expect("begins"), Timestamp::default());
        let volume: VolumeId = id.parse().expect("an id");
        let found = volumes::get_for_update(&mut tx, volume).await.expect("ok").expect("there");
        volumes::set_size(&mut tx, volume, Gib(3), found.status, now).await.expect("ok");
        let deltas = volume_deltas(0, 2, Some("__DEFAULT__"));
        let (project, limits) = (&found.project_id, &house.cloud.settings.limits);
        let taken = quotas::take(&mut tx, project, &deltas, limits, now).await.expect("ok");
        taken.expect("within the limits");
        let pool = found.host.expect("placed");
        pools::add_allocated(&mut tx, &pool, 2, 0).await.expect("ok");
        let (admin, extended) = (house.admin.clone(), id.clone());
        let next = tokio::spawn(async move {
            admin.act(&extended, "os-extend", json!({ "new_size": 4 })).await.expect(202)
        });
        // Long enough for it to come as far as it can.
        tokio::time::sleep(Duration::from_millis(200)).await;
        tx.commit().await.expect("ok");
        let _ = next.await.expect("it ends");
        house.finish().await;
        house.admin.wait_for("volumes", &id, "available").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_extend_that_fails_gives_back_under_the_name_that_the_type_has_by_then() {
    for house in Stopped::everywhere().await {
        let body = json!({ "volume_type": { "name": "old" } });
        let made = house.admin.post("/types", &body).await.expect(200);
        let id = house.volume(Some("old")).await;
        house.extend(&id, 5, 202).await;
        let path = format!("/types/{}", id_of(&made.body["volume_type"]));
        let body = json!({ "volume_type": { "name": "new" } });
        let _ = house.admin.put(&path, &body).await.expect(200);
        house.sim.plan(PlannedFailure::before(Call::EnsureSize, When::Always, FailureKind::Broken));
        house.finish().await;
        house.admin.wait_for("volumes", &id, "error_extending").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_volume_reset_while_it_is_deleted_takes_new_snapshots_along() {
    for house in Stopped::everywhere().await {
        let id = house.volume(None).await;
        let _ = house.admin.delete(&format!("/volumes/{id}")).await.expect(202);
        house.reset(&id, "available").await;
        let body = json!({ "snapshot": { "volume_id": id } });
        let _ = house.admin.post("/snapshots", &body).await.expect(202);
        house.finish().await;
        let _ = house.admin.get(&format!("/volumes/{id}")).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forced_delete_waits_for_a_create_whose_clock_was_ahead() {
    for house in Stopped::everywhere().await {
        let id = id_of(&house.admin.create_volume(json!({ "size": 1 })).await);
        let mut tx = house.cloud.db.begin().await.expect("begins");
        let ahead = "UPDATE ashlar_flows SET created_at = created_at + 3600000000";
        tx.execute(ahead, &[]).await.expect("ok");
        tx.commit().await.expect("ok");
        let _ = house.admin.act(&id, "os-force_delete", json!({})).await.expect(202);
        house.finish().await;
        let _ = house.admin.get(&format!("/volumes/{id}")).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_caller_says_of_a_snapshots_progress_does_not_change_what_it_takes() {
    for house in Stopped::everywhere().await {
        let volume = house.volume(None).await;
        let body = json!({ "snapshot": { "volume_id": volume } });
        let made = house.admin.post("/snapshots", &body).await.expect(202);
        let path = format!("/snapshots/{}", id_of(&made.body["snapshot"]));
        let told = json!({ "status": "creating", "progress": "100%" });
        let action = json!({ "os-update_snapshot_status": told });
        let _ = house.admin.post(&format!("{path}/action"), &action).await.expect(202);
        house.sim.plan(PlannedFailure::before(
            Call::EnsureSnapshot,
            When::Always,
            FailureKind::Broken,
        ));
        house.finish().await;
        let _ = house.admin.delete(&path).await.expect(202);
        house.finish().await;
        let _ = house.admin.get(&path).await.expect(404);
    }
}
