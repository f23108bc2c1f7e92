//! A snapshot, as the house knows it.

use crate::{Gib, SnapshotId, SnapshotStatus, Timestamp, VolumeId, VolumeTypeId};

/// One snapshot of one volume. Fields follow the table `snapshots`.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Identity.
    pub id: SnapshotId,
    /// Volume that it is of.
    pub volume_id: VolumeId,
    /// Owning project.
    pub project_id: String,
    /// Creating user.
    pub user_id: String,
    /// Status.
    pub status: SnapshotStatus,
    /// `"100%"` when complete.
    pub progress: Option<String>,
    /// Size of the volume when it was taken.
    pub volume_size: Gib,
    /// User's name for it.
    pub name: Option<String>,
    /// User's words about it.
    pub description: Option<String>,
    /// Type of the volume when it was taken.
    pub volume_type_id: Option<VolumeTypeId>,
    /// Key in the key manager.
    pub encryption_key_id: Option<String>,
    /// Group snapshot that it is part of.
    pub group_snapshot_id: Option<String>,
    /// Consistency-group snapshot that it is part of (old form).
    pub cgsnapshot_id: Option<String>,
    /// Whether it counts against quota.
    pub use_quota: bool,
    /// Where the backend has it, in the driver's words.
    pub provider_location: Option<String>,
    /// Backend's own identity for it.
    pub provider_id: Option<String>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row last changed.
    pub updated_at: Option<Timestamp>,
}

impl Snapshot {
    /// It was completed on its backend, whatever has become of its status since. One that failed to be
    /// taken is a row and nothing else.
    #[must_use]
    pub fn takes_space(&self) -> bool {
        self.progress.as_deref() == Some("100%")
    }

    /// Its name on the backend: `snapshot-<id>`.
    #[must_use]
    pub fn backend_name(&self) -> String {
        format!("snapshot-{}", self.id)
    }
}
