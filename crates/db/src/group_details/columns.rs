//! The columns of `groups` that lists may be filtered and sorted by.

use crate::listing::columns_of;

columns_of! {
    /// A column of `groups`.
    GroupColumn {
        /// Identity.
        Id = "id" Text,
        /// Project.
        ProjectId = "project_id" Text,
        /// User.
        UserId = "user_id" Text,
        /// Cluster.
        ClusterName = "cluster_name" Text,
        /// Pool that it was placed in.
        Host = "host" Text,
        /// Zone.
        AvailabilityZone = "availability_zone" Text,
        /// Name.
        Name = "name" Text,
        /// Description.
        Description = "description" Text,
        /// Type.
        GroupTypeId = "group_type_id" Text,
        /// Status.
        Status = "status" Text,
        /// Group snapshot that it was made from.
        GroupSnapshotId = "group_snapshot_id" Text,
        /// Group that it was made from.
        SourceGroupId = "source_group_id" Text,
        /// Replication state.
        ReplicationStatus = "replication_status" Text,
        /// When it was made.
        CreatedAt = "created_at" Time,
        /// When it last changed.
        UpdatedAt = "updated_at" Time,
        /// When it was deleted; never in a list.
        DeletedAt = "deleted_at" Time,
        /// Deleted; never in a list.
        Deleted = "deleted" Bool,
    }

    // A word of MySQL's; the quotes work on all engines.
    const TABLE: &'static str = "\"groups\"";
    const ALWAYS: &'static str = "t.deleted = FALSE";
    // Groups have no metadata; volumes that carry it in the group are the nearest to it, and no list
    // offers the filter.
    const METADATA: (&'static str, &'static str) = ("volume_metadata", "volume_id");
    const MORE_METADATA: Option<(&'static str, &'static str)> = None;
    const IMAGE_METADATA: Option<(&'static str, &'static str)> = None;
    const PLACE: (&'static str, &'static str) = ("", "");
    const PLACE_ALIAS: &'static str = "t";
}
