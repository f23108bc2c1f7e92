//! Cinder's tables: volumes, their metadata and their attachments.

use super::{Initial, Table, flag, foreign_key, index, int, serial, string, text, time};

/// Volumes. Sizes in GiB.
pub const VOLUMES: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        string("id", 36).required(),
        string("ec2_id", 255),
        string("user_id", 255),
        string("project_id", 255),
        string("host", 255),
        int("size"),
        string("availability_zone", 255),
        string("status", 255),
        string("attach_status", 255),
        time("scheduled_at"),
        time("launched_at"),
        time("terminated_at"),
        string("display_name", 255),
        string("display_description", 255),
        string("provider_location", 256),
        string("provider_auth", 256),
        string("snapshot_id", 36),
        string("volume_type_id", 36).required(),
        string("source_volid", 36),
        flag("bootable"),
        string("provider_geometry", 255),
        string("_name_id", 36),
        string("encryption_key_id", 36),
        string("migration_status", 255),
        string("replication_status", 255),
        string("replication_extended_status", 255),
        string("replication_driver_data", 255),
        string("consistencygroup_id", 36),
        string("provider_id", 255),
        flag("multiattach"),
        string("previous_status", 255),
        string("cluster_name", 255),
        string("group_id", 36),
        string("service_uuid", 36),
        flag("shared_targets"),
        flag("use_quota").required().or(Initial::True),
    ],
    indexes: &[
        index("ix_volumes_consistencygroup_id", &["consistencygroup_id"]),
        index("ix_volumes_group_id", &["group_id"]),
        index("volumes_deleted_host_idx", &["deleted", "host"]),
        index("volumes_deleted_project_id_idx", &["deleted", "project_id"]),
        index("volumes_service_uuid_idx", &["service_uuid", "deleted"]),
    ],
    foreign_keys: &[
        foreign_key("consistencygroup_id", "consistencygroups", "id"),
        foreign_key("group_id", "groups", "id"),
        foreign_key("service_uuid", "services", "uuid"),
    ],
    ..Table::of_cinder("volumes", &["id"])
};

/// Volumes' metadata of their users.
pub const VOLUME_METADATA: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        serial("id"),
        string("volume_id", 36).required(),
        string("key", 255),
        string("value", 255),
    ],
    indexes: &[index("ix_volume_metadata_volume_id", &["volume_id"])],
    foreign_keys: &[foreign_key("volume_id", "volumes", "id")],
    ..Table::of_cinder("volume_metadata", &["id"])
};

/// Volumes' metadata of the administrator: `readonly`, `attached_mode`.
pub const VOLUME_ADMIN_METADATA: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        serial("id"),
        string("volume_id", 36).required(),
        string("key", 255),
        string("value", 255),
    ],
    indexes: &[index("ix_volume_admin_metadata_volume_id", &["volume_id"])],
    foreign_keys: &[foreign_key("volume_id", "volumes", "id")],
    ..Table::of_cinder("volume_admin_metadata", &["id"])
};

/// Attachments of volumes to servers and hosts.
pub const VOLUME_ATTACHMENT: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        string("id", 36).required(),
        string("volume_id", 36).required(),
        string("attached_host", 255),
        string("instance_uuid", 36),
        string("mountpoint", 255),
        time("attach_time"),
        time("detach_time"),
        string("attach_mode", 36),
        string("attach_status", 255),
        text("connection_info"),
        text("connector"),
    ],
    indexes: &[index("ix_volume_attachment_volume_id", &["volume_id"])],
    foreign_keys: &[foreign_key("volume_id", "volumes", "id")],
    ..Table::of_cinder("volume_attachment", &["id"])
};

/// Attachments' connectors in an older form.
pub const ATTACHMENT_SPECS: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        serial("id"),
        string("attachment_id", 36).required(),
        string("key", 255),
        string("value", 255),
    ],
    indexes: &[index("ix_attachment_specs_attachment_id", &["attachment_id"])],
    foreign_keys: &[foreign_key("attachment_id", "volume_attachment", "id")],
    ..Table::of_cinder("attachment_specs", &["id"])
};
