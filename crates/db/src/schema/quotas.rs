//! Cinder's tables: quota limits, classes, usages and reservations.

use super::{Table, checked_flag, flag, foreign_key, index, int, serial, string, time};

/// Projects' own limits.
pub const QUOTAS: Table = Table {
    columns: &[
        serial("id"),
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        string("project_id", 255),
        string("resource", 300).required(),
        int("hard_limit"),
        int("allocated"),
    ],
    ..Table::of_cinder("quotas", &["id"])
};

/// Limits of the class `default`, which stand in for the options where they are present.
pub const QUOTA_CLASSES: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        checked_flag("deleted"),
        serial("id"),
        string("class_name", 255),
        string("resource", 300),
        int("hard_limit"),
    ],
    indexes: &[index("ix_quota_classes_class_name", &["class_name"])],
    ..Table::of_cinder("quota_classes", &["id"])
};

/// What each project uses.
pub const QUOTA_USAGES: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        checked_flag("deleted"),
        serial("id"),
        string("project_id", 255),
        string("resource", 300),
        int("in_use").required(),
        int("reserved").required(),
        int("until_refresh"),
        flag("race_preventer"),
    ],
    uniques: &[&["project_id", "resource", "race_preventer"]],
    indexes: &[
        index("ix_quota_usages_project_id", &["project_id"]),
        index("quota_usage_project_resource_idx", &["project_id", "resource"]),
    ],
    ..Table::of_cinder("quota_usages", &["id"])
};

/// Usage that Cinder has promised and not yet taken. Ashlar needs none: it counts in the
/// transaction that changes the rows.
pub const RESERVATIONS: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        checked_flag("deleted"),
        serial("id"),
        string("uuid", 36).required(),
        int("usage_id"),
        string("project_id", 255),
        string("resource", 300),
        int("delta").required(),
        time("expire"),
        int("allocated_id"),
    ],
    indexes: &[
        index("ix_reservations_allocated_id", &["allocated_id"]),
        index("ix_reservations_project_id", &["project_id"]),
        index("ix_reservations_usage_id", &["usage_id"]),
        index("reservations_deleted_expire_idx", &["deleted", "expire"]),
        index("reservations_deleted_uuid_idx", &["deleted", "uuid"]),
    ],
    foreign_keys: &[
        foreign_key("usage_id", "quota_usages", "id"),
        foreign_key("allocated_id", "quotas", "id"),
    ],
    ..Table::of_cinder("reservations", &["id"])
};
