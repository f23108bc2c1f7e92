//! A type that gets another name while something is taken from quota, or given back, under the name that it has.

use std::time::Duration;

use ashlar_db::testing;
use ashlar_db::volume_types::{self, TypeChange};
use ashlar_testkit::{Client, Cloud, Plan, clean, cloud};
use ashlar_types::{Timestamp, VolumeTypeId};
use serde_json::{Value, json};

use super::make;

/// Long enough for what was asked for to come to where it counts.
const WHILE: Duration = Duration::from_millis(800);

/// What counts or uncounts something.
#[derive(Debug, Clone, Copy)]
enum Deed {
    DeleteSnapshot,
    UnmanageSnapshot,
    DeleteVolume,
    DeleteGroupSnapshot,
    Extend,
}

/// A path and what is to be sent there; nothing stands for a deletion.
type Request = (String, Option<Value>);

/// Makes what the deed is done to, of this type. The request.
async fn prepare(admin: &Client, deed: Deed, volume_type: &str) -> Request {
    let plain = json!({ "size": 1, "volume_type": volume_type });
    match deed {
        Deed::DeleteSnapshot | Deed::UnmanageSnapshot => {
            let volume = admin.volume_of(plain).await;
            let path = format!("/snapshots/{}", admin.snapshot(&volume).await);
            match deed {
                Deed::DeleteSnapshot => (path, None),
                _ => (format!("{path}/action"), Some(json!({ "os-unmanage": null }))),
            }
        }
        Deed::DeleteVolume => {
            let volume = admin.volume_of(plain).await;
            admin.snapshot(&volume).await;
            (format!("/volumes/{volume}?cascade=true"), None)
        }
        Deed::DeleteGroupSnapshot => {
            let group_type = admin.group_type(json!({})).await;
            let group = admin.group(&group_type, &[volume_type]).await;
            let wish = json!({ "size": 1, "volume_type": volume_type, "group_id": group });
            admin.volume_of(wish).await;
            (format!("/group_snapshots/{}", admin.group_snapshot(&group).await), None)
        }
        Deed::Extend => {
            let volume = admin.volume_of(plain).await;
            let wish = json!({ "os-extend": { "new_size": 2 } });
            (format!("/volumes/{volume}/action"), Some(wish))
        }
    }
}

/// Renames the type while the deed is done: the new name is written, but seen by nobody until the deed has come to where
/// it counts. SQLite has one writer at a time, so that there the deed waits from the start.
async fn quota_stays_right(deed: Deed) {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let admin = cloud.admin();
        let id: VolumeTypeId =
            make(&admin, "old", json!({})).await.parse().expect("a type's identity");
        let (path, body) = prepare(&admin, deed, "old").await;
        cloud.check().await;
        let mut tx = cloud.db.begin().await.expect("begins");
        let change = TypeChange { name: Some("new"), ..TypeChange::default() };
        let now = Timestamp::from_micros(1_767_225_600_000_000);
        let renamed = volume_types::update(&mut tx, id, &change, now).await;
        assert!(renamed.expect("written"), "it is there");
        let acting = async {
            match &body {
                Some(body) => admin.post(&path, body).await,
                None => admin.delete(&path).await,
            }
        };
        let committing = async {
            tokio::time::sleep(WHILE).await;
            tx.commit().await.expect("stored");
        };
        let _ = futures::join!(acting, committing).0.expect(202);
        cloud.quiet().await;
        let mut tx = cloud.db.read().await.expect("reads");
        clean::check_quota(&mut tx, false).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_that_is_deleted_meanwhile_is_given_back() {
    quota_stays_right(Deed::DeleteSnapshot).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_that_is_unmanaged_meanwhile_is_given_back() {
    quota_stays_right(Deed::UnmanageSnapshot).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_volume_that_is_deleted_meanwhile_is_given_back_with_its_snapshots() {
    quota_stays_right(Deed::DeleteVolume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_snapshot_that_is_deleted_meanwhile_is_given_back() {
    quota_stays_right(Deed::DeleteGroupSnapshot).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_volume_that_is_extended_meanwhile_counts_with_its_new_size() {
    quota_stays_right(Deed::Extend).await;
}
