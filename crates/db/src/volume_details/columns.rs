//! The columns of `volumes` that lists may be filtered and sorted by.

use crate::listing::columns_of;

columns_of! {
    /// A column of `volumes`.
    VolumeColumn {
        /// Identity.
        Id = "id" Text,
        /// Name on the backend after a migration.
        NameId = "_name_id" Text,
        /// Project.
        ProjectId = "project_id" Text,
        /// User.
        UserId = "user_id" Text,
        /// Pool that it lives in.
        Host = "host" Text,
        /// Cluster.
        ClusterName = "cluster_name" Text,
        /// Size in GiB.
        Size = "size" Int,
        /// Zone.
        AvailabilityZone = "availability_zone" Text,
        /// Status.
        Status = "status" Text,
        /// Status before the operation under way.
        PreviousStatus = "previous_status" Text,
        /// Attach status.
        AttachStatus = "attach_status" Text,
        /// Migration status.
        MigrationStatus = "migration_status" Text,
        /// Snapshot that it was made from.
        SnapshotId = "snapshot_id" Text,
        /// Volume that it was cloned from.
        SourceVolid = "source_volid" Text,
        /// Type.
        VolumeTypeId = "volume_type_id" Text,
        /// Name.
        Name = "display_name" Text,
        /// Description.
        Description = "display_description" Text,
        /// Bootable.
        Bootable = "bootable" Bool,
        /// Several servers may have it.
        Multiattach = "multiattach" Bool,
        /// Counts against quota.
        UseQuota = "use_quota" Bool,
        /// Key in the key manager.
        EncryptionKeyId = "encryption_key_id" Text,
        /// Consistency group.
        ConsistencygroupId = "consistencygroup_id" Text,
        /// Group.
        GroupId = "group_id" Text,
        /// Where the backend has it.
        ProviderLocation = "provider_location" Text,
        /// Backend's identity for it.
        ProviderId = "provider_id" Text,
        /// Replication state.
        ReplicationStatus = "replication_status" Text,
        /// Replication state in the driver's words.
        ReplicationExtendedStatus = "replication_extended_status" Text,
        /// Owning service.
        ServiceUuid = "service_uuid" Text,
        /// Attachments share a target.
        SharedTargets = "shared_targets" Bool,
        /// When it was placed.
        ScheduledAt = "scheduled_at" Time,
        /// When it became usable.
        LaunchedAt = "launched_at" Time,
        /// When its removal was asked for.
        TerminatedAt = "terminated_at" Time,
        /// When it was made.
        CreatedAt = "created_at" Time,
        /// When it last changed.
        UpdatedAt = "updated_at" Time,
        /// When it was deleted; never in a list.
        DeletedAt = "deleted_at" Time,
        /// Deleted; never in a list.
        Deleted = "deleted" Bool,
    }

    const TABLE: &'static str = "volumes";
    const ALWAYS: &'static str = "t.deleted = FALSE AND (t.migration_status IS NULL OR \
         t.migration_status NOT LIKE 'target:%')";
    const METADATA: (&'static str, &'static str) = ("volume_metadata", "volume_id");
    const MORE_METADATA: Option<(&'static str, &'static str)> =
        Some(("volume_admin_metadata", "volume_id"));
    const IMAGE_METADATA: Option<(&'static str, &'static str)> =
        Some(("volume_glance_metadata", "volume_id"));
    const PLACE: (&'static str, &'static str) = ("", "");
    const PLACE_ALIAS: &'static str = "t";
}
