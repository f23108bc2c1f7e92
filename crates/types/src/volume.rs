//! A volume, as the house knows it.

use crate::{
    AttachStatus, Gib, GroupId, PoolName, SnapshotId, Timestamp, VolumeId, VolumeStatus,
    VolumeTypeId,
};

/// One volume. Fields follow the table `volumes`; their meaning is Cinder's.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    /// Identity.
    pub id: VolumeId,
    /// Identity of the volume whose name it has on the backend, after a migration.
    pub name_id: Option<VolumeId>,
    /// Owning project.
    pub project_id: String,
    /// Creating user.
    pub user_id: String,
    /// Where it lives; none until placed.
    pub host: Option<PoolName>,
    /// Cluster of the service that owns it.
    pub cluster_name: Option<String>,
    /// Size.
    pub size: Gib,
    /// Zone.
    pub availability_zone: Option<String>,
    /// Status.
    pub status: VolumeStatus,
    /// Status to return to after an operation.
    pub previous_status: Option<String>,
    /// Summary over its attachments.
    pub attach_status: AttachStatus,
    /// Migration progress, Cinder's text.
    pub migration_status: Option<String>,
    /// Snapshot that it was made from.
    pub snapshot_id: Option<SnapshotId>,
    /// Volume that it was cloned from.
    pub source_volid: Option<VolumeId>,
    /// Type.
    pub volume_type_id: Option<VolumeTypeId>,
    /// User's name for it.
    pub name: Option<String>,
    /// User's words about it.
    pub description: Option<String>,
    /// Whether a server may boot from it.
    pub bootable: bool,
    /// Whether several servers may have it at once.
    pub multiattach: bool,
    /// Whether it counts against quota.
    pub use_quota: bool,
    /// Key in the key manager.
    pub encryption_key_id: Option<String>,
    /// Consistency group (old form).
    pub consistencygroup_id: Option<String>,
    /// Group.
    pub group_id: Option<GroupId>,
    /// Where the backend has it, in the driver's words.
    pub provider_location: Option<String>,
    /// Backend's own identity for it.
    pub provider_id: Option<String>,
    /// Replication state, Cinder's text.
    pub replication_status: Option<String>,
    /// Identity of the owning service.
    pub service_uuid: Option<String>,
    /// Whether attachments share one target; unknown for some protocols.
    pub shared_targets: Option<bool>,
    /// When a scheduler chose its place.
    pub scheduled_at: Option<Timestamp>,
    /// When it became usable.
    pub launched_at: Option<Timestamp>,
    /// When its removal was asked for.
    pub terminated_at: Option<Timestamp>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row last changed.
    pub updated_at: Option<Timestamp>,
}

impl Volume {
    /// Its name on the backend: `volume-<id>`, by the name-id after a migration.
    #[must_use]
    pub fn backend_name(&self) -> String {
        format!("volume-{}", self.name_id.unwrap_or(self.id))
    }

    /// A migration is under way: the statuses that are over do not count.
    #[must_use]
    pub fn is_migrating(&self) -> bool {
        !matches!(self.migration_status.as_deref(), None | Some("deleting" | "error" | "success"))
    }
}
