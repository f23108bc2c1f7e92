//! The catalogue: every event that Cinder 29 sends about what is served here, with its publisher and its priority. What
//! belongs to backups and to what only drivers send is not among them.

/// An event: what a consumer of notifications chooses by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// `event_type`.
    pub name: &'static str,
    /// What `publisher_id` begins with; a host follows.
    pub publisher: &'static str,
    /// `INFO` or `ERROR`: it chooses the queue, too.
    pub priority: &'static str,
}

macro_rules! events {
    ($($constant:ident = $publisher:literal $name:literal $priority:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`, ", $priority, ".")]
            pub const $constant: Event =
                Event { name: $name, publisher: $publisher, priority: $priority };
        )*

        /// All of them.
        pub static CATALOGUE: &[Event] = &[$($constant),*];
    };
}

events! {
    CREATE_START = "volume" "volume.create.start" "INFO";
    CREATE_END = "volume" "volume.create.end" "INFO";
    DELETE_START = "volume" "volume.delete.start" "INFO";
    DELETE_END = "volume" "volume.delete.end" "INFO";
    UNMANAGE_START = "volume" "volume.unmanage.start" "INFO";
    UNMANAGE_END = "volume" "volume.unmanage.end" "INFO";
    MANAGE_EXISTING_START = "volume" "volume.manage_existing.start" "INFO";
    MANAGE_EXISTING_END = "volume" "volume.manage_existing.end" "INFO";
    UPDATE_START = "volume" "volume.update.start" "INFO";
    UPDATE_END = "volume" "volume.update.end" "INFO";
    RESET_STATUS_START = "volume" "volume.reset_status.start" "INFO";
    RESET_STATUS_END = "volume" "volume.reset_status.end" "INFO";
    RESIZE_START = "volume" "volume.resize.start" "INFO";
    RESIZE_END = "volume" "volume.resize.end" "INFO";
    RETYPE = "volume" "volume.retype" "INFO";
    ATTACH_START = "volume" "volume.attach.start" "INFO";
    ATTACH_END = "volume" "volume.attach.end" "INFO";
    DETACH_START = "volume" "volume.detach.start" "INFO";
    DETACH_END = "volume" "volume.detach.end" "INFO";
    REVERT_START = "volume" "volume.revert.start" "INFO";
    REVERT_END = "volume" "volume.revert.end" "INFO";
    TRANSFER_CREATE_START = "volume" "volume.transfer.create.start" "INFO";
    TRANSFER_CREATE_END = "volume" "volume.transfer.create.end" "INFO";
    TRANSFER_ACCEPT_START = "volume" "volume.transfer.accept.start" "INFO";
    TRANSFER_ACCEPT_END = "volume" "volume.transfer.accept.end" "INFO";
    TRANSFER_DELETE_START = "volume" "volume.transfer.delete.start" "INFO";
    TRANSFER_DELETE_END = "volume" "volume.transfer.delete.end" "INFO";

    IMAGE_CACHE_HIT = "volume" "image_volume_cache.hit" "INFO";
    IMAGE_CACHE_MISS = "volume" "image_volume_cache.miss" "INFO";
    IMAGE_CACHE_EVICT = "volume" "image_volume_cache.evict" "INFO";

    SNAPSHOT_CREATE_START = "snapshot" "snapshot.create.start" "INFO";
    SNAPSHOT_CREATE_END = "snapshot" "snapshot.create.end" "INFO";
    SNAPSHOT_DELETE_START = "snapshot" "snapshot.delete.start" "INFO";
    SNAPSHOT_DELETE_END = "snapshot" "snapshot.delete.end" "INFO";
    SNAPSHOT_UPDATE_START = "snapshot" "snapshot.update.start" "INFO";
    SNAPSHOT_UPDATE_END = "snapshot" "snapshot.update.end" "INFO";
    SNAPSHOT_RESET_STATUS_START = "snapshot" "snapshot.reset_status.start" "INFO";
    SNAPSHOT_RESET_STATUS_END = "snapshot" "snapshot.reset_status.end" "INFO";
    SNAPSHOT_REVERT_START = "snapshot" "snapshot.revert.start" "INFO";
    SNAPSHOT_REVERT_END = "snapshot" "snapshot.revert.end" "INFO";
    // So are they called, other than a volume's.
    SNAPSHOT_MANAGE_EXISTING_START = "snapshot" "snapshot.manage_existing_snapshot.start" "INFO";
    SNAPSHOT_MANAGE_EXISTING_END = "snapshot" "snapshot.manage_existing_snapshot.end" "INFO";

    GROUP_CREATE_START = "group" "group.create.start" "INFO";
    GROUP_CREATE_END = "group" "group.create.end" "INFO";
    GROUP_DELETE_START = "group" "group.delete.start" "INFO";
    GROUP_DELETE_END = "group" "group.delete.end" "INFO";
    GROUP_UPDATE_START = "group" "group.update.start" "INFO";
    GROUP_UPDATE_END = "group" "group.update.end" "INFO";
    GROUP_RESET_STATUS_START = "groupStatusUpdate" "groups.reset_status.start" "INFO";
    GROUP_RESET_STATUS_END = "groupStatusUpdate" "groups.reset_status.end" "INFO";
    GROUP_RESET_STATUS_FAILED = "groupStatusUpdate" "groups.reset_status" "ERROR";

    GROUP_SNAPSHOT_CREATE_START = "group_snapshot" "group_snapshot.create.start" "INFO";
    GROUP_SNAPSHOT_CREATE_END = "group_snapshot" "group_snapshot.create.end" "INFO";
    GROUP_SNAPSHOT_DELETE_START = "group_snapshot" "group_snapshot.delete.start" "INFO";
    GROUP_SNAPSHOT_DELETE_END = "group_snapshot" "group_snapshot.delete.end" "INFO";
    GROUP_SNAPSHOT_RESET_STATUS_START =
        "groupSnapshotStatusUpdate" "groupsnapshots.reset_status.start" "INFO";
    GROUP_SNAPSHOT_RESET_STATUS_END =
        "groupSnapshotStatusUpdate" "groupsnapshots.reset_status.end" "INFO";
    GROUP_SNAPSHOT_RESET_STATUS_FAILED =
        "groupSnapshotStatusUpdate" "groupsnapshots.reset_status" "ERROR";

    TYPE_CREATE = "volumeType" "volume_type.create" "INFO";
    TYPE_CREATE_FAILED = "volumeType" "volume_type.create" "ERROR";
    TYPE_UPDATE = "volumeType" "volume_type.update" "INFO";
    TYPE_UPDATE_FAILED = "volumeType" "volume_type.update" "ERROR";
    TYPE_DELETE = "volumeType" "volume_type.delete" "INFO";
    TYPE_DELETE_FAILED = "volumeType" "volume_type.delete" "ERROR";
    EXTRA_SPECS_CREATE = "volumeTypeExtraSpecs" "volume_type_extra_specs.create" "INFO";
    EXTRA_SPECS_UPDATE = "volumeTypeExtraSpecs" "volume_type_extra_specs.update" "INFO";
    EXTRA_SPECS_DELETE = "volumeTypeExtraSpecs" "volume_type_extra_specs.delete" "INFO";
    TYPE_ACCESS_ADD = "volume_type_project" "volume_type_project.access.add" "INFO";
    TYPE_ACCESS_REMOVE = "volume_type_project" "volume_type_project.access.remove" "INFO";
    TYPE_ENCRYPTION_CREATE = "volumeTypeEncryption" "volume_type_encryption.create" "INFO";
    TYPE_ENCRYPTION_UPDATE = "volumeTypeEncryption" "volume_type_encryption.update" "INFO";

    GROUP_TYPE_CREATE = "groupType" "group_type.create" "INFO";
    GROUP_TYPE_CREATE_FAILED = "groupType" "group_type.create" "ERROR";
    GROUP_TYPE_UPDATE = "groupType" "group_type.update" "INFO";
    GROUP_TYPE_UPDATE_FAILED = "groupType" "group_type.update" "ERROR";
    GROUP_TYPE_DELETE = "groupType" "group_type.delete" "INFO";
    GROUP_TYPE_DELETE_FAILED = "groupType" "group_type.delete" "ERROR";
    GROUP_SPECS_CREATE = "groupTypeSpecs" "group_type_specs.create" "INFO";
    GROUP_SPECS_UPDATE = "groupTypeSpecs" "group_type_specs.update" "INFO";
    GROUP_SPECS_DELETE = "groupTypeSpecs" "group_type_specs.delete" "INFO";

    QOS_CREATE = "QoSSpecs" "qos_specs.create" "INFO";
    QOS_CREATE_FAILED = "QoSSpecs" "qos_specs.create" "ERROR";
    QOS_UPDATE = "QoSSpecs" "qos_specs.update" "INFO";
    QOS_UPDATE_FAILED = "QoSSpecs" "qos_specs.update" "ERROR";
    QOS_DELETE = "QoSSpecs" "qos_specs.delete" "INFO";
    QOS_DELETE_FAILED = "QoSSpecs" "qos_specs.delete" "ERROR";
    QOS_DELETE_KEYS = "QoSSpecs" "qos_specs.delete_keys" "INFO";
    QOS_DELETE_KEYS_FAILED = "QoSSpecs" "qos_specs.delete_keys" "ERROR";
    QOS_ASSOCIATE = "QoSSpecs" "qos_specs.associate" "INFO";
    QOS_ASSOCIATE_FAILED = "QoSSpecs" "qos_specs.associate" "ERROR";
    QOS_DISASSOCIATE = "QoSSpecs" "qos_specs.disassociate" "INFO";
    QOS_DISASSOCIATE_FAILED = "QoSSpecs" "qos_specs.disassociate" "ERROR";
    QOS_DISASSOCIATE_ALL = "QoSSpecs" "qos_specs.disassociate_all" "INFO";
    QOS_DISASSOCIATE_ALL_FAILED = "QoSSpecs" "qos_specs.disassociate_all" "ERROR";

    SCHEDULER_CREATE_VOLUME = "scheduler" "scheduler.create_volume" "ERROR";
    SCHEDULER_EXTEND_VOLUME = "scheduler" "scheduler.extend_volume" "ERROR";
    SCHEDULER_CREATE_SNAPSHOT = "scheduler" "scheduler.create_snapshot" "ERROR";
    SCHEDULER_RETYPE = "scheduler" "scheduler.retype" "ERROR";
    SCHEDULER_MANAGE_EXISTING = "scheduler" "scheduler.manage_existing" "ERROR";
    SCHEDULER_MANAGE_EXISTING_SNAPSHOT =
        "scheduler" "scheduler.manage_existing_snapshot" "ERROR";
    CAPACITY_POOL = "capacity" "capacity.pool" "INFO";
    CAPACITY_BACKEND = "capacity" "capacity.backend" "INFO";
}
