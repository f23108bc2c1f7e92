//! A snapshot of a group, as the house knows it: one snapshot of each volume, taken together.

use crate::{GroupId, GroupSnapshotId, GroupSnapshotStatus, GroupTypeId, Timestamp};

/// One group snapshot. Fields follow the table `group_snapshots`; their meaning is Cinder's. Its members are the
/// snapshots whose `group_snapshot_id` is its identity.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupSnapshot {
    /// Identity.
    pub id: GroupSnapshotId,
    /// Group that it is of.
    pub group_id: GroupId,
    /// Owning project.
    pub project_id: String,
    /// Creating user.
    pub user_id: String,
    /// User's name for it.
    pub name: Option<String>,
    /// User's words about it.
    pub description: Option<String>,
    /// Status.
    pub status: GroupSnapshotStatus,
    /// Type of the group.
    pub group_type_id: Option<GroupTypeId>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row last changed.
    pub updated_at: Option<Timestamp>,
}
