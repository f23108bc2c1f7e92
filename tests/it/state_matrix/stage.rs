//! Putting a volume and its snapshot into a status, behind the API's back, and reading what became of them.

use super::deed::{Kind, SERVER};
use ashlar_db::transfers::{self, Seal};
use ashlar_db::volume_types::{self, Visibility};
use ashlar_db::{Db, DbError, Tx, args, snapshots, transact, volumes};
use ashlar_drivers::driver::VolumeRef;
use ashlar_testkit::Cloud;
use ashlar_testkit::cloud::HOST;
use ashlar_types::{
    AttachStatus, AttachmentId, BackendName, Clock, Gib, GroupId, GroupSnapshotId, Metadata,
    Snapshot, SnapshotId, SnapshotStatus, Transfer, TransferId, Volume, VolumeId, VolumeStatus,
    VolumeTypeId,
};

/// What a row acts upon.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Staged {
    pub(crate) volume: VolumeId,
    pub(crate) snapshot: Option<SnapshotId>,
    pub(crate) attachment: Option<AttachmentId>,
    pub(crate) transfer: Option<TransferId>,
    pub(crate) group: Option<GroupId>,
    pub(crate) group_snapshot: Option<GroupSnapshotId>,
}

/// The key of every offer that is staged.
pub(crate) const AUTH_KEY: &str = "0123456789abcdef";

/// What is to be staged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// Status of the volume.
    pub(crate) volume: VolumeStatus,
    /// What the volume is beside that.
    pub(crate) kind: Kind,
    /// Status of its snapshot, when it has one.
    pub(crate) snapshot: Option<SnapshotStatus>,
    /// Status of the attachment that the row is about.
    pub(crate) attachment: Option<AttachStatus>,
}

/// The key of the metadata that everything staged has.
pub(crate) const KEY: &str = "key";

/// The statuses in which a volume is attached to a server.
const ATTACHED: &[VolumeStatus] = &[VolumeStatus::InUse, VolumeStatus::Detaching];

/// The type that every database has from the start.
pub(crate) async fn default_type(db: &Db) -> VolumeTypeId {
    let mut tx = db.read().await.expect("the database answers");
    let found = volume_types::get_by_name(&mut tx, "__DEFAULT__", &Visibility::All).await;
    found.expect("types can be read").expect("a fresh database has the default type").id
}

/// A volume of 1 GiB and what hangs on it. The backend has it too, for who works on it.
pub(crate) async fn stage(
    cloud: &Cloud,
    project: &str,
    volume_type: VolumeTypeId,
    wanted: Wanted,
) -> Staged {
    let mut volume = volume(project, volume_type, wanted.volume);
    volume.multiattach = wanted.kind == Kind::Shared;
    let snapshot = wanted.snapshot.map(|status| of_volume(&volume, status));
    let attachment = attachment(wanted);
    let transfer = (wanted.kind == Kind::Offered).then(|| offer(&volume));
    let stored: Result<(), DbError> = transact!(cloud.db, tx => async {
        store(tx, &volume, snapshot.as_ref(), attachment.as_ref()).await?;
        match &transfer {
            Some(transfer) => transfers::insert(tx, transfer, &seal(), volume.created_at).await,
            None => Ok(()),
        }
    }.await);
    stored.expect("rows can be written");
    let name = volume.backend_name();
    let made = VolumeRef { name: &name, pool: "pool", size: volume.size };
    let _ = cloud.backends[0].1.ensure_volume(made).await.expect("the backend makes it");
    Staged {
        volume: volume.id,
        snapshot: snapshot.map(|snapshot| snapshot.id),
        attachment: attachment.map(|attachment| attachment.id),
        transfer: transfer.map(|transfer| transfer.id),
        group: None,
        group_snapshot: None,
    }
}

fn offer(volume: &Volume) -> Transfer {
    Transfer {
        id: TransferId::random(),
        volume_id: volume.id,
        name: None,
        no_snapshots: false,
        source_project_id: Some(volume.project_id.clone()),
        destination_project_id: None,
        accepted: false,
        created_at: Some(volume.created_at),
    }
}

/// What Cinder 29.0.0 stores for [`AUTH_KEY`] and this salt.
fn seal() -> Seal {
    Seal {
        salt: "cafebabe".to_owned(),
        crypt_hash: "403bf0ddc95faa415bd4a59966632d8c4f9180ce".to_owned(),
    }
}

/// A row of `volume_attachment`.
struct NewAttachment {
    id: AttachmentId,
    status: AttachStatus,
    server: String,
}

/// The attachment that the row is about, or the one that the volume's status implies.
fn attachment(wanted: Wanted) -> Option<NewAttachment> {
    let implied = ATTACHED.contains(&wanted.volume).then_some(AttachStatus::Attached);
    let (status, server) = match (wanted.attachment, wanted.kind) {
        (Some(status), _) => (status, AttachmentId::random().to_string()),
        (None, Kind::SameServer) => (implied.unwrap_or(AttachStatus::Reserved), SERVER.to_owned()),
        (None, _) => (implied?, AttachmentId::random().to_string()),
    };
    Some(NewAttachment { id: AttachmentId::random(), status, server })
}

async fn store(
    tx: &mut Tx,
    volume: &Volume,
    snapshot: Option<&Snapshot>,
    attachment: Option<&NewAttachment>,
) -> Result<(), DbError> {
    let metadata = Metadata::from([(KEY.to_owned(), "value".to_owned())]);
    volumes::insert(tx, volume, &metadata).await?;
    if let Some(snapshot) = snapshot {
        snapshots::insert(tx, snapshot, &metadata).await?;
    }
    if let Some(NewAttachment { id, status, server }) = attachment {
        tx.execute(
            "INSERT INTO volume_attachment (id, volume_id, instance_uuid, mountpoint, attach_mode, \
             attach_status, created_at, deleted) VALUES (?, ?, ?, '/dev/vdb', 'rw', ?, ?, FALSE)",
            args![*id, volume.id, server.as_str(), status.as_str(), volume.created_at],
        )
        .await?;
    }
    Ok(())
}

pub(super) fn volume(project: &str, volume_type: VolumeTypeId, status: VolumeStatus) -> Volume {
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

pub(super) fn of_volume(volume: &Volume, status: SnapshotStatus) -> Snapshot {
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

/// What stands in an attachment's row as its status, or `GONE`.
pub(super) async fn attachment_now(db: &Db, id: AttachmentId) -> String {
    let sql = "SELECT attach_status FROM volume_attachment WHERE id = ? AND deleted = FALSE";
    let mut tx = db.read().await.expect("the database answers");
    match tx.row(sql, args![id]).await.expect("the row can be read") {
        Some(row) => row.get(0).expect("a text"),
        None => "GONE".to_owned(),
    }
}
