//! Snapshots over a real database: what the tests of create, list, change, metadata and actions share.

mod action;
mod change;
mod create;
mod list;
mod metadata;

use std::time::Duration;

use ashlar_db::volume_types::{self, Visibility};
use ashlar_db::{DbError, snapshots, transact, volumes};
use ashlar_types::{
    AttachStatus, Gib, Metadata, PoolName, Snapshot, SnapshotId, SnapshotStatus, Volume, VolumeId,
    VolumeStatus,
};
use serde_json::{Value, json};

use crate::testing::{Got, House};

const ADMIN: (&str, u16) = ("root:abc", 71);
const MEMBER: (&str, u16) = ("me:abc:member", 71);
const READER: (&str, u16) = ("me:abc:reader", 71);
const NOBODY: (&str, u16) = ("me:abc:", 71);
const FOREIGNER: (&str, u16) = ("you:def:member", 71);

/// Puts a volume into the database, as creating and placing one would.
async fn volume(house: &House, project: &str, status: VolumeStatus) -> VolumeId {
    let mut tx = house.app.db.read().await.expect("a database");
    let found = volume_types::get_by_name(&mut tx, "__DEFAULT__", &Visibility::All).await;
    let volume_type = found.expect("read").expect("every database has it");
    drop(tx);
    let volume = Volume {
        id: VolumeId::random(),
        name_id: None,
        project_id: project.to_owned(),
        user_id: "me".to_owned(),
        host: Some(PoolName("h@b#p".to_owned())),
        cluster_name: None,
        size: Gib(2),
        availability_zone: Some("nova".to_owned()),
        status,
        previous_status: None,
        attach_status: AttachStatus::Detached,
        migration_status: None,
        snapshot_id: None,
        source_volid: None,
        volume_type_id: Some(volume_type.id),
        name: None,
        description: None,
        bootable: false,
        multiattach: false,
        use_quota: true,
        encryption_key_id: None,
        consistencygroup_id: None,
        group_id: None,
        provider_location: None,
        provider_id: None,
        replication_status: None,
        service_uuid: None,
        shared_targets: None,
        scheduled_at: None,
        launched_at: None,
        terminated_at: None,
        created_at: house.app.clock.now(),
        updated_at: None,
    };
    let db = &house.app.db;
    let put: Result<(), DbError> =
        transact!(db, tx => volumes::insert(tx, &volume, &Metadata::new()).await);
    put.expect("inserted");
    volume.id
}

async fn post(house: &House, who: (&str, u16), inner: Value) -> Got {
    house.ask(who, "POST", "/v3/snapshots", &json!({ "snapshot": inner })).await
}

/// A snapshot of `volume` in `status`, named `name` and with that in its metadata.
async fn snapshot(
    house: &House,
    volume: VolumeId,
    name: &str,
    status: SnapshotStatus,
) -> SnapshotId {
    let wish = json!({ "volume_id": volume.to_string(), "name": name, "metadata": {"n": name} });
    // A snapshot is its maker's, so an administrator of the volume's project makes it.
    let mut tx = house.app.db.read().await.expect("a database");
    let found = volumes::get(&mut tx, volume).await.expect("read").expect("there");
    drop(tx);
    let maker = format!("root:{}", found.project_id);
    let got = post(house, (&maker, 71), wish).await;
    assert_eq!(got.status, 202, "{}", got.body);
    let id = got.body["snapshot"]["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    set_status(house, id, status).await;
    house.app.clock.advance(Duration::from_secs(1));
    id
}

async fn set_status(house: &House, id: SnapshotId, to: SnapshotStatus) {
    let (db, now) = (&house.app.db, house.app.clock.now());
    let set: Result<bool, DbError> =
        transact!(db, tx => snapshots::set_status(tx, id, to, None, now).await);
    assert!(set.expect("set"));
}

/// As its backend does.
async fn finish(house: &House, id: SnapshotId) {
    let db = &house.app.db;
    let there = snapshots::Published {
        status: SnapshotStatus::Available,
        provider_location: None,
        provider_id: None,
    };
    let made: Result<(), DbError> =
        transact!(db, tx => snapshots::record_made(tx, id, &there).await);
    made.expect("recorded");
}

async fn snapshot_of(house: &House, id: SnapshotId) -> Snapshot {
    let mut tx = house.app.db.read().await.expect("a database");
    snapshots::get(&mut tx, id).await.expect("read").expect("there")
}

async fn status_of(house: &House, id: SnapshotId) -> SnapshotStatus {
    snapshot_of(house, id).await.status
}

/// Two snapshots of the project's volume and one of another project's.
async fn house_with_three() -> (House, [SnapshotId; 3]) {
    let house = House::furnished().await;
    let own = volume(&house, "abc", VolumeStatus::Available).await;
    let other = volume(&house, "def", VolumeStatus::Available).await;
    let first = snapshot(&house, own, "first", SnapshotStatus::Available).await;
    let second = snapshot(&house, own, "second", SnapshotStatus::Error).await;
    let foreign = snapshot(&house, other, "foreign", SnapshotStatus::Available).await;
    (house, [first, second, foreign])
}
