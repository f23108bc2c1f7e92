//! Putting a volume and its snapshot into a status, behind the API's back, and reading what became of them.

use ashlar_db::volume_types::{self, Visibility};
use ashlar_db::{Db, DbError, Tx, args, snapshots, transact, volumes};
use ashlar_testkit::cloud::HOST;
use ashlar_types::{
    AttachStatus, AttachmentId, BackendName, Clock, Gib, Metadata, Snapshot, SnapshotId,
    SnapshotStatus, Volume, VolumeId, VolumeStatus, VolumeTypeId,
};

/// What a row acts upon.
#[derive(Debug, Clone, Copy)]
pub(super) struct Staged {
    pub(super) volume: VolumeId,
    pub(super) snapshot: Option<SnapshotId>,
}

/// The key of the metadata that everything staged has.
pub(super) const KEY: &str = "key";

/// The statuses in which a volume is attached to a server.
const ATTACHED: &[VolumeStatus] = &[VolumeStatus::InUse, VolumeStatus::Detaching];

/// The type that every database has from the start.
pub(super) async fn default_type(db: &Db) -> VolumeTypeId {
    let mut tx = db.read().await.expect("the database answers");
    let found = volume_types::get_by_name(&mut tx, "__DEFAULT__", &Visibility::All).await;
    found.expect("types can be read").expect("a fresh database has the default type").id
}

/// A volume of 1 GiB in `status`, and its snapshot when `snapshot` names the status of one.
pub(super) async fn stage(
    db: &Db,
    project: &str,
    volume_type: VolumeTypeId,
    status: VolumeStatus,
    snapshot: Option<SnapshotStatus>,
) -> Staged {
    let volume = volume(project, volume_type, status);
    let snapshot = snapshot.map(|status| of_volume(&volume, status));
    let stored: Result<(), DbError> =
        transact!(db, tx => store(tx, &volume, snapshot.as_ref()).await);
    stored.expect("rows can be written");
    Staged { volume: volume.id, snapshot: snapshot.map(|snapshot| snapshot.id) }
}

async fn store(tx: &mut Tx, volume: &Volume, snapshot: Option<&Snapshot>) -> Result<(), DbError> {
    let metadata = Metadata::from([(KEY.to_owned(), "value".to_owned())]);
    volumes::insert(tx, volume, &metadata).await?;
    if let Some(snapshot) = snapshot {
        snapshots::insert(tx, snapshot, &metadata).await?;
    }
    if volume.attach_status == AttachStatus::Attached {
        tx.execute(
            "INSERT INTO volume_attachment (id, volume_id, instance_uuid, mountpoint, attach_mode, \
             attach_status, created_at, deleted) VALUES (?, ?, ?, '/dev/vdb', 'rw', 'attached', ?, \
             FALSE)",
            args![AttachmentId::random(), volume.id, AttachmentId::random(), volume.created_at],
        )
        .await?;
    }
    Ok(())
}

fn volume(project: &str, volume_type: VolumeTypeId, status: VolumeStatus) -> Volume {
    let attached = ATTACHED.contains(&status);
    Volume {
        id: VolumeId::random(),
        name_id: None,
        project_id: project.to_owned(),
        user_id: "tester".to_owned(),
        host: Some(BackendName::new(HOST, "sim").pool("pool")),
        cluster_name: None,
        size: Gib(1),
        availability_zone: Some("nova".to_owned()),
        status,
        previous_status: None,
        attach_status: if attached { AttachStatus::Attached } else { AttachStatus::Detached },
        migration_status: None,
        snapshot_id: None,
        source_volid: None,
        volume_type_id: Some(volume_type),
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
        shared_targets: Some(true),
        scheduled_at: None,
        launched_at: None,
        terminated_at: None,
        created_at: Clock::System.now(),
        updated_at: None,
    }
}

fn of_volume(volume: &Volume, status: SnapshotStatus) -> Snapshot {
    Snapshot {
        id: SnapshotId::random(),
        volume_id: volume.id,
        project_id: volume.project_id.clone(),
        user_id: volume.user_id.clone(),
        status,
        progress: Some("100%".to_owned()),
        volume_size: volume.size,
        name: None,
        description: None,
        volume_type_id: volume.volume_type_id,
        encryption_key_id: None,
        group_snapshot_id: None,
        cgsnapshot_id: None,
        use_quota: true,
        provider_location: None,
        provider_id: None,
        created_at: volume.created_at,
        updated_at: None,
    }
}

/// What stands in a volume's row: status, attach status, migration status, as the matrix spells them.
pub(super) async fn volume_now(db: &Db, id: VolumeId) -> [String; 3] {
    let sql = "SELECT status, attach_status, migration_status FROM volumes WHERE id = ?";
    let mut tx = db.read().await.expect("the database answers");
    let row = tx.row(sql, args![id]).await.expect("the row can be read").expect("it is there");
    [0, 1, 2].map(|column| {
        let text: Option<String> = row.get(column).expect("a text or nothing");
        text.unwrap_or_else(|| "None".to_owned())
    })
}

/// What stands in a snapshot's row as its status.
pub(super) async fn snapshot_now(db: &Db, id: SnapshotId) -> String {
    let sql = "SELECT status FROM snapshots WHERE id = ?";
    let mut tx = db.read().await.expect("the database answers");
    let row = tx.row(sql, args![id]).await.expect("the row can be read").expect("it is there");
    row.get(0).expect("a text")
}
