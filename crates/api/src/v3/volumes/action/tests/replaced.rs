//! Actions that change what a volume is: revert, reimage, retype, and the end of an extend.

use ashlar_db::snapshots;
use ashlar_types::{Gib, Metadata, Snapshot, SnapshotId, SnapshotStatus};

use super::*;

/// A snapshot of the volume, taken so many seconds after the house began.
async fn snapshot(house: &House, volume: &Volume, seconds: u64) -> Snapshot {
    let snapshot = Snapshot {
        id: SnapshotId::random(),
        volume_id: volume.id,
        project_id: volume.project_id.clone(),
        user_id: volume.user_id.clone(),
        cgsnapshot_id: None,
        group_snapshot_id: None,
        status: SnapshotStatus::Available,
        progress: Some("100%".to_owned()),
        volume_size: volume.size,
        volume_type_id: volume.volume_type_id,
        name: None,
        description: None,
        encryption_key_id: None,
        provider_location: None,
        provider_id: None,
        use_quota: true,
        created_at: house.app.clock.now().after(std::time::Duration::from_secs(seconds)),
        updated_at: None,
    };
    let db = &house.app.db;
    let made: Result<(), DbError> =
        transact!(db, tx => snapshots::insert(tx, &snapshot, &Metadata::new()).await);
    made.expect("written");
    snapshot
}

#[tokio::test]
async fn a_revert_takes_volume_and_snapshot_to_their_statuses() {
    let (house, id) = house().await;
    let volume = row(&house, id).await;
    let older = snapshot(&house, &volume, 1).await;
    let twins = [snapshot(&house, &volume, 2).await, snapshot(&house, &volume, 2).await];
    let revert = async |who, snapshot: SnapshotId| {
        act(&house, who, id, json!({ "revert": { "snapshot_id": snapshot, "more": 1 } })).await
    };
    assert_eq!(revert(MEMBER, older.id).await.status, 400);
    assert_eq!(revert(("me:abc:member", 39), twins[0].id).await.status, 404);
    assert_eq!(revert(("me:abc:reader", 71), twins[0].id).await.status, 403);
    // Of one moment: neither is the newer.
    let got = revert(("me:abc:member", 40), twins[0].id).await;
    assert_eq!((got.status, &got.body), (202, &Value::Null));
    assert_eq!(row(&house, id).await.status, VolumeStatus::Reverting);
    let mut tx = house.app.db.read().await.expect("a database");
    let now = snapshots::get(&mut tx, twins[0].id).await.expect("read").expect("there");
    assert_eq!(now.status, SnapshotStatus::Restoring);
    drop(tx);
    assert_eq!(revert(MEMBER, twins[0].id).await.status, 409);
    for body in [json!({ "revert": null }), json!({ "revert": { "snapshot_id": 1 } })] {
        assert_eq!(act(&house, MEMBER, id, body).await.status, 400);
    }
}

#[tokio::test]
async fn a_retype_needs_a_type_and_a_policy_that_there_are() {
    let (house, id) = house().await;
    let retype = async |inner: Value| act(&house, MEMBER, id, json!({ "os-retype": inner })).await;
    for inner in [
        json!({}),
        json!({ "new_type": 1 }),
        json!({ "new_type": "x", "migration_policy": "maybe" }),
        json!({ "new_type": "x", "migration_policy": null }),
    ] {
        assert_eq!(retype(inner.clone()).await.status, 400, "{inner}");
    }
    let got = retype(json!({ "new_type": "nothing" })).await;
    assert_eq!(got.fault(), (404, "Volume type with name nothing could not be found."));
    let own = row(&house, id).await.volume_type_id.expect("a type");
    let got = retype(json!({ "new_type": own })).await;
    let (code, message) = got.fault();
    assert!(code == 400 && message.contains("has to be different"), "{message}");
    assert_eq!(row(&house, id).await.status, VolumeStatus::Available);
}

#[tokio::test]
async fn a_reimage_needs_an_image_that_can_be_looked_up() {
    let (house, id) = house().await;
    let nobody = "00000000-0000-4000-8000-000000000001";
    for inner in [
        json!({}),
        json!({ "image_id": "name" }),
        json!({ "image_id": nobody, "reimage_reserved": "perhaps" }),
        json!({ "image_id": nobody, "more": 1 }),
        // There is no Glance beside this house.
        json!({ "image_id": nobody, "reimage_reserved": "yes" }),
    ] {
        let got = act(&house, MEMBER, id, json!({ "os-reimage": inner.clone() })).await;
        assert_eq!(got.status, 400, "{inner}");
    }
    let body = json!({ "os-reimage": { "image_id": nobody } });
    assert_eq!(act(&house, ("me:abc:member", 67), id, body.clone()).await.status, 404);
    assert_eq!(act(&house, ("me:abc:reader", 68), id, body).await.status, 403);
}

#[tokio::test]
async fn no_extend_waits_for_nova() {
    let (house, id) = house().await;
    let complete = async |who| {
        let body = json!({ "os-extend_volume_completion": { "error": false } });
        act(&house, who, id, body).await
    };
    let got = complete(ADMIN).await;
    assert_eq!(got.fault(), (400, "Invalid volume: Volume is not being extended."));
    set(&house, id, VolumeStatus::Extending, AttachStatus::Detached).await;
    let got = complete(ADMIN).await;
    let missing = "Invalid volume: Required volume admin metadata is malformed or missing.";
    assert_eq!(got.fault(), (400, missing));
    assert_eq!(complete(MEMBER).await.status, 403);
    // It came with 3.71, and Cinder answers at any version.
    assert_eq!(complete(("root:abc", 0)).await.fault(), (400, missing));
    assert_eq!(row(&house, id).await.size, Gib(1));
}
