//! A group of volumes that are snapshotted and copied together, as the house knows it.

use crate::{
    GroupId, GroupSnapshotId, GroupStatus, GroupTypeId, PoolName, Timestamp, VolumeTypeId,
};

/// One generic volume group. Fields follow the table `groups`; their meaning is Cinder's.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Identity.
    pub id: GroupId,
    /// Owning project.
    pub project_id: String,
    /// Creating user.
    pub user_id: String,
    /// Cluster of the service that owns it.
    pub cluster_name: Option<String>,
    /// Pool that the scheduler chose; its volumes live on that pool's backend. None until placed.
    pub host: Option<PoolName>,
    /// Zone.
    pub availability_zone: Option<String>,
    /// User's name for it.
    pub name: Option<String>,
    /// User's words about it.
    pub description: Option<String>,
    /// Type.
    pub group_type_id: Option<GroupTypeId>,
    /// Status.
    pub status: GroupStatus,
    /// Group snapshot that it was made from.
    pub group_snapshot_id: Option<GroupSnapshotId>,
    /// Group that it was made from.
    pub source_group_id: Option<GroupId>,
    /// Replication state, Cinder's text.
    pub replication_status: Option<String>,
    /// Types that its volumes may have, in the order of their mapping's rows.
    pub volume_types: Vec<VolumeTypeId>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row last changed.
    pub updated_at: Option<Timestamp>,
}
