//! The columns of `group_snapshots` that lists may be filtered and sorted by.

use crate::listing::columns_of;

columns_of! {
    /// A column of `group_snapshots`.
    GroupSnapshotColumn {
        /// Identity.
        Id = "id" Text,
        /// Group that it is of.
        GroupId = "group_id" Text,
        /// Project.
        ProjectId = "project_id" Text,
        /// User.
        UserId = "user_id" Text,
        /// Name.
        Name = "name" Text,
        /// Description.
        Description = "description" Text,
        /// Status.
        Status = "status" Text,
        /// Type of the group.
        GroupTypeId = "group_type_id" Text,
        /// When it was made.
        CreatedAt = "created_at" Time,
        /// When it last changed.
        UpdatedAt = "updated_at" Time,
        /// When it was deleted; never in a list.
        DeletedAt = "deleted_at" Time,
        /// Deleted; never in a list.
        Deleted = "deleted" Bool,
    }

    const TABLE: &'static str = "group_snapshots";
    const ALWAYS: &'static str = "t.deleted = FALSE";
    // Group snapshots have no metadata, and no list offers the filter.
    const METADATA: (&'static str, &'static str) = ("snapshot_metadata", "snapshot_id");
    const MORE_METADATA: Option<(&'static str, &'static str)> = None;
    const IMAGE_METADATA: Option<(&'static str, &'static str)> = None;
    const PLACE: (&'static str, &'static str) = ("", "");
    const PLACE_ALIAS: &'static str = "t";

    fn finds_few(self) -> bool {
        matches!(self, Self::Id | Self::GroupId)
    }
}
