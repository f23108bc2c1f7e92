//! The columns of `snapshots` that lists may be filtered and sorted by.

use crate::listing::columns_of;

columns_of! {
    /// A column of `snapshots`.
    SnapshotColumn {
        /// Identity.
        Id = "id" Text,
        /// Volume that it is of.
        VolumeId = "volume_id" Text,
        /// Project.
        ProjectId = "project_id" Text,
        /// User.
        UserId = "user_id" Text,
        /// Status.
        Status = "status" Text,
        /// Progress.
        Progress = "progress" Text,
        /// Size of the volume when it was taken.
        VolumeSize = "volume_size" Int,
        /// Name.
        Name = "display_name" Text,
        /// Description.
        Description = "display_description" Text,
        /// Type of the volume when it was taken.
        VolumeTypeId = "volume_type_id" Text,
        /// Key in the key manager.
        EncryptionKeyId = "encryption_key_id" Text,
        /// Group snapshot that it is part of.
        GroupSnapshotId = "group_snapshot_id" Text,
        /// Consistency-group snapshot that it is part of.
        CgsnapshotId = "cgsnapshot_id" Text,
        /// Counts against quota.
        UseQuota = "use_quota" Bool,
        /// Where the backend has it.
        ProviderLocation = "provider_location" Text,
        /// Backend's identity for it.
        ProviderId = "provider_id" Text,
        /// When it was scheduled; never set by us.
        ScheduledAt = "scheduled_at" Time,
        /// When it was made.
        CreatedAt = "created_at" Time,
        /// When it last changed.
        UpdatedAt = "updated_at" Time,
        /// When it was deleted; never in a list.
        DeletedAt = "deleted_at" Time,
        /// Deleted; never in a list.
        Deleted = "deleted" Bool,
    }

    const TABLE: &'static str = "snapshots";
    const ALWAYS: &'static str = "t.deleted = FALSE";
    const METADATA: (&'static str, &'static str) = ("snapshot_metadata", "snapshot_id");
    const MORE_METADATA: Option<(&'static str, &'static str)> = None;
    const IMAGE_METADATA: Option<(&'static str, &'static str)> =
        Some(("volume_glance_metadata", "snapshot_id"));
    const PLACE: (&'static str, &'static str) =
        ("EXISTS (SELECT 1 FROM volumes p WHERE p.id = t.volume_id AND ", ")");
    const PLACE_ALIAS: &'static str = "p";
}
