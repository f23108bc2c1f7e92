//! Cinder's tables: snapshots, their metadata, and the image metadata that volumes and snapshots carry.

use super::{
    Initial, Table, checked_flag, flag, foreign_key, index, int, serial, string, text, time,
};

/// Snapshots of volumes.
pub const SNAPSHOTS: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        string("id", 36).required(),
        string("volume_id", 36).required(),
        string("user_id", 255),
        string("project_id", 255),
        string("status", 255),
        string("progress", 255),
        int("volume_size"),
        time("scheduled_at"),
        string("display_name", 255),
        string("display_description", 255),
        string("provider_location", 255),
        string("encryption_key_id", 36),
        string("volume_type_id", 36).required(),
        string("cgsnapshot_id", 36),
        string("provider_id", 255),
        string("provider_auth", 255),
        string("group_snapshot_id", 36),
        flag("use_quota").required().or(Initial::True),
    ],
    indexes: &[
        index("ix_snapshots_cgsnapshot_id", &["cgsnapshot_id"]),
        index("ix_snapshots_group_snapshot_id", &["group_snapshot_id"]),
        index("ix_snapshots_volume_id", &["volume_id"]),
        index("snapshots_deleted_project_id_idx", &["deleted", "project_id"]),
    ],
    foreign_keys: &[
        foreign_key("cgsnapshot_id", "cgsnapshots", "id"),
        foreign_key("group_snapshot_id", "group_snapshots", "id"),
        foreign_key("volume_id", "volumes", "id").named("snapshots_volume_id_fkey"),
    ],
    ..Table::of_cinder("snapshots", &["id"])
};

/// Snapshots' metadata.
pub const SNAPSHOT_METADATA: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        serial("id"),
        string("snapshot_id", 36).required(),
        string("key", 255),
        string("value", 255),
    ],
    indexes: &[index("ix_snapshot_metadata_snapshot_id", &["snapshot_id"])],
    foreign_keys: &[foreign_key("snapshot_id", "snapshots", "id")],
    ..Table::of_cinder("snapshot_metadata", &["id"])
};

/// The image's properties that a volume was made from, and that its snapshots take along.
pub const VOLUME_GLANCE_METADATA: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        checked_flag("deleted"),
        serial("id"),
        string("volume_id", 36),
        string("snapshot_id", 36),
        string("key", 255),
        text("value"),
    ],
    indexes: &[
        index("ix_volume_glance_metadata_snapshot_id", &["snapshot_id"]),
        index("ix_volume_glance_metadata_volume_id", &["volume_id"]),
    ],
    foreign_keys: &[
        foreign_key("volume_id", "volumes", "id"),
        foreign_key("snapshot_id", "snapshots", "id"),
    ],
    ..Table::of_cinder("volume_glance_metadata", &["id"])
};
