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
    /// Begins with `100%` once complete, for good; what a caller reports of it later follows after a space.
    /// Shown is [`Snapshot::shown_progress`].
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
    /// Progress of a snapshot that was completed on its backend.
    pub const COMPLETE: &str = "100%";

    /// It was completed on its backend, whatever has become of its status since. One that failed to be
    /// taken is a row and nothing else.
    #[must_use]
    pub fn takes_space(&self) -> bool {
        self.progress.as_deref().is_some_and(|progress| progress.starts_with(Self::COMPLETE))
    }

    /// The progress that clients see: the one that was reported last.
    #[must_use]
    pub fn shown_progress(&self) -> Option<&str> {
        let progress = self.progress.as_deref()?;
        let after = progress.strip_prefix(Self::COMPLETE).and_then(|rest| rest.strip_prefix(' '));
        Some(after.unwrap_or(progress))
    }

    /// Its name on the backend: `snapshot-<id>`.
    #[must_use]
    pub fn backend_name(&self) -> String {
        format!("snapshot-{}", self.id)
    }
}
