//! Cinder's tables: volume types, their extra specs and access, QoS specs, encryption.

use super::{Table, checked_flag, flag, foreign_key, index, int, serial, string, time};

/// QoS specs: a row for the spec itself and, pointing to it by `specs_id`, one for each key.
pub const QUALITY_OF_SERVICE_SPECS: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        checked_flag("deleted"),
        string("id", 36).required(),
        string("specs_id", 36),
        string("key", 255),
        string("value", 255),
    ],
    indexes: &[index("ix_quality_of_service_specs_specs_id", &["specs_id"])],
    foreign_keys: &[foreign_key("specs_id", "quality_of_service_specs", "id")],
    ..Table::of_cinder("quality_of_service_specs", &["id"])
};

/// Volume types.
pub const VOLUME_TYPES: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        string("id", 36).required(),
        string("name", 255),
        string("qos_specs_id", 36),
        flag("is_public"),
        string("description", 255),
    ],
    indexes: &[index("ix_volume_types_qos_specs_id", &["qos_specs_id"])],
    foreign_keys: &[foreign_key("qos_specs_id", "quality_of_service_specs", "id")],
    ..Table::of_cinder("volume_types", &["id"])
};

/// Which projects see a private volume type. Here `deleted` is a number: the row's own id once it
/// is.
pub const VOLUME_TYPE_PROJECTS: Table = Table {
    columns: &[
        serial("id"),
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        string("volume_type_id", 36),
        string("project_id", 255),
        int("deleted"),
    ],
    uniques: &[&["volume_type_id", "project_id", "deleted"]],
    foreign_keys: &[foreign_key("volume_type_id", "volume_types", "id")],
    ..Table::of_cinder("volume_type_projects", &["id"])
};

/// Volume types' extra specs.
pub const VOLUME_TYPE_EXTRA_SPECS: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        serial("id"),
        string("volume_type_id", 36).required(),
        string("key", 255),
        string("value", 255),
    ],
    indexes: &[index("ix_volume_type_extra_specs_volume_type_id", &["volume_type_id"])],
    foreign_keys: &[
        foreign_key("volume_type_id", "volume_types", "id").named("volume_type_extra_specs_ibfk_1")
    ],
    ..Table::of_cinder("volume_type_extra_specs", &["id"])
};

/// How volumes of a type are encrypted.
pub const ENCRYPTION: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        checked_flag("deleted"),
        string("cipher", 255),
        string("control_location", 255).required_but_on_sqlite(),
        int("key_size"),
        string("provider", 255).required_but_on_sqlite(),
        string("volume_type_id", 36).required(),
        string("encryption_id", 36).required_but_on_sqlite(),
    ],
    ..Table::of_cinder("encryption", &["encryption_id"])
};

/// Projects' own default volume types.
pub const DEFAULT_VOLUME_TYPES: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        string("volume_type_id", 36),
        string("project_id", 255).required(),
        checked_flag("deleted"),
    ],
    indexes: &[index("ix_default_volume_types_volume_type_id", &["volume_type_id"])],
    foreign_keys: &[foreign_key("volume_type_id", "volume_types", "id")],
    ..Table::of_cinder("default_volume_types", &["project_id"])
};
