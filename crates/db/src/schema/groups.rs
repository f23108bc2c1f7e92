//! Cinder's tables: groups, their snapshots and types, and the consistency groups they came from.

use super::{Table, checked_flag, flag, foreign_key, index, serial, string, time};

/// Consistency groups, which groups have replaced.
pub const CONSISTENCYGROUPS: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        checked_flag("deleted"),
        string("id", 36).required(),
        string("user_id", 255),
        string("project_id", 255),
        string("host", 255),
        string("availability_zone", 255),
        string("name", 255),
        string("description", 255),
        string("volume_type_id", 255),
        string("status", 255),
        string("cgsnapshot_id", 36),
        string("source_cgid", 36),
        string("cluster_name", 255),
    ],
    ..Table::of_cinder("consistencygroups", &["id"])
};

/// Snapshots of consistency groups.
pub const CGSNAPSHOTS: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        checked_flag("deleted"),
        string("id", 36).required(),
        string("consistencygroup_id", 36).required(),
        string("user_id", 255),
        string("project_id", 255),
        string("name", 255),
        string("description", 255),
        string("status", 255),
    ],
    indexes: &[index("ix_cgsnapshots_consistencygroup_id", &["consistencygroup_id"])],
    foreign_keys: &[foreign_key("consistencygroup_id", "consistencygroups", "id")],
    ..Table::of_cinder("cgsnapshots", &["id"])
};

/// Groups of volumes.
pub const GROUPS: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        string("id", 36).required(),
        string("user_id", 255),
        string("project_id", 255),
        string("cluster_name", 255),
        string("host", 255),
        string("availability_zone", 255),
        string("name", 255),
        string("description", 255),
        string("group_type_id", 36),
        string("status", 255),
        string("group_snapshot_id", 36),
        string("source_group_id", 36),
        string("replication_status", 255),
    ],
    indexes: &[index("groups_deleted_project_id_idx", &["deleted", "project_id"])],
    ..Table::of_cinder("groups", &["id"])
};

/// Snapshots of groups.
pub const GROUP_SNAPSHOTS: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        checked_flag("deleted"),
        string("id", 36).required(),
        string("group_id", 36).required(),
        string("user_id", 255),
        string("project_id", 255),
        string("name", 255),
        string("description", 255),
        string("status", 255),
        string("group_type_id", 36),
    ],
    indexes: &[
        index("group_snapshots_deleted_project_id_idx", &["deleted", "project_id"]),
        index("ix_group_snapshots_group_id", &["group_id"]),
    ],
    foreign_keys: &[foreign_key("group_id", "groups", "id")],
    ..Table::of_cinder("group_snapshots", &["id"])
};

/// Group types.
pub const GROUP_TYPES: Table = Table {
    columns: &[
        string("id", 36).required(),
        string("name", 255).required(),
        string("description", 255),
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        flag("is_public"),
    ],
    ..Table::of_cinder("group_types", &["id"])
};

/// Group types' specs.
pub const GROUP_TYPE_SPECS: Table = Table {
    columns: &[
        serial("id"),
        string("key", 255),
        string("value", 255),
        string("group_type_id", 36).required(),
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
    ],
    indexes: &[index("ix_group_type_specs_group_type_id", &["group_type_id"])],
    foreign_keys: &[foreign_key("group_type_id", "group_types", "id")],
    ..Table::of_cinder("group_type_specs", &["id"])
};

/// Which projects see a private group type.
pub const GROUP_TYPE_PROJECTS: Table = Table {
    columns: &[
        serial("id"),
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        string("group_type_id", 36),
        string("project_id", 255),
        checked_flag("deleted"),
    ],
    uniques: &[&["group_type_id", "project_id", "deleted"]],
    foreign_keys: &[foreign_key("group_type_id", "group_types", "id")],
    ..Table::of_cinder("group_type_projects", &["id"])
};

/// Which volume types a group may hold.
pub const GROUP_VOLUME_TYPE_MAPPING: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        serial("id"),
        string("volume_type_id", 36).required(),
        string("group_id", 36).required(),
    ],
    indexes: &[
        index("ix_group_volume_type_mapping_group_id", &["group_id"]),
        index("ix_group_volume_type_mapping_volume_type_id", &["volume_type_id"]),
    ],
    foreign_keys: &[
        foreign_key("volume_type_id", "volume_types", "id"),
        foreign_key("group_id", "groups", "id"),
    ],
    ..Table::of_cinder("group_volume_type_mapping", &["id"])
};
