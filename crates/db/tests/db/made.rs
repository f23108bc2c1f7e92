//! Rows to begin with.

use ashlar_db::testing::TestDb;
use ashlar_db::{snapshots, transact, volume_types, volumes};
use ashlar_types::{
    AttachStatus, Gib, Metadata, PoolName, Snapshot, SnapshotId, SnapshotStatus, Timestamp, Volume,
    VolumeId, VolumeStatus, VolumeType, VolumeTypeId,
};

/// A moment; whole seconds, so that all engines keep it.
pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_795_342_272_000_000);

/// The moment so many seconds after [`NOW`].
pub(crate) fn at(seconds: u64) -> Timestamp {
    NOW.after(std::time::Duration::from_secs(seconds))
}

/// The pool that volumes of these tests live in.
pub(crate) fn pool() -> PoolName {
    PoolName("node@file#pool".to_owned())
}

/// A volume of 1 GiB, available, placed.
pub(crate) fn volume(project: &str) -> Volume {
    Volume {
        id: VolumeId::random(),
        name_id: None,
        project_id: project.to_owned(),
        user_id: "user".to_owned(),
        host: Some(pool()),
        cluster_name: None,
        size: Gib(1),
        availability_zone: Some("nova".to_owned()),
        status: VolumeStatus::Available,
        previous_status: None,
        attach_status: AttachStatus::Detached,
        migration_status: None,
        snapshot_id: None,
        source_volid: None,
        volume_type_id: Some(VolumeTypeId::random()),
        name: Some("name".to_owned()),
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
        shared_targets: Some(true),
        scheduled_at: None,
        launched_at: None,
        terminated_at: None,
        created_at: NOW,
        updated_at: None,
    }
}

/// A snapshot of it, available.
pub(crate) fn snapshot(volume: &Volume) -> Snapshot {
    Snapshot {
        id: SnapshotId::random(),
        volume_id: volume.id,
        project_id: volume.project_id.clone(),
        user_id: volume.user_id.clone(),
        status: SnapshotStatus::Available,
        progress: Some("100%".to_owned()),
        volume_size: volume.size,
        name: Some("snap".to_owned()),
        description: None,
        volume_type_id: volume.volume_type_id,
        encryption_key_id: None,
        group_snapshot_id: None,
        cgsnapshot_id: None,
        use_quota: true,
        provider_location: None,
        provider_id: None,
        created_at: NOW,
        updated_at: None,
    }
}

/// A public type without specs.
pub(crate) fn volume_type(name: &str) -> VolumeType {
    VolumeType {
        id: VolumeTypeId::random(),
        name: name.to_owned(),
        description: None,
        is_public: true,
        qos_specs_id: None,
        extra_specs: Default::default(),
        created_at: Some(NOW),
        updated_at: None,
    }
}

/// Metadata from pairs.
pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Metadata {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// Stores a volume.
pub(crate) async fn insert(test: &TestDb, volume: &Volume) {
    transact!(test.db, tx => volumes::insert(tx, volume, &Metadata::new()).await)
        .expect("a volume can be stored");
}

/// Stores a snapshot.
pub(crate) async fn insert_snapshot(test: &TestDb, snapshot: &Snapshot) {
    transact!(test.db, tx => snapshots::insert(tx, snapshot, &Metadata::new()).await)
        .expect("a snapshot can be stored");
}

/// Stores a type.
pub(crate) async fn insert_type(test: &TestDb, made: &VolumeType) {
    transact!(test.db, tx => volume_types::insert(tx, made, NOW).await)
        .expect("a type can be stored");
}

/// Runs a statement in a transaction of its own.
pub(crate) async fn run(test: &TestDb, sql: &str, args: &[ashlar_db::Arg<'_>]) -> u64 {
    transact!(test.db, tx => tx.execute(sql, args).await).expect("the statement runs")
}
