//! Cinder's tables: user messages, the image cache, and what drivers remember of initiators.

use super::{Table, flag, index, int, serial, string, time};

/// What users are told of operations that failed after they were accepted.
pub const MESSAGES: Table = Table {
    columns: &[
        string("id", 36).required(),
        string("project_id", 255).required(),
        string("request_id", 255),
        string("resource_type", 36),
        string("resource_uuid", 255),
        string("event_id", 255).required(),
        string("message_level", 255).required(),
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        time("expires_at"),
        string("detail_id", 10),
        string("action_id", 10),
    ],
    indexes: &[index("ix_messages_expires_at", &["expires_at"])],
    ..Table::of_cinder("messages", &["id"])
};

/// Volumes kept to clone images from.
pub const IMAGE_VOLUME_CACHE_ENTRIES: Table = Table {
    columns: &[
        time("image_updated_at"),
        serial("id"),
        string("host", 255).required(),
        string("image_id", 36).required(),
        string("volume_id", 36).required(),
        int("size").required(),
        time("last_used").required(),
        string("cluster_name", 255),
    ],
    indexes: &[
        index("ix_image_volume_cache_entries_host", &["host"]),
        index("ix_image_volume_cache_entries_image_id", &["image_id"]),
    ],
    ..Table::of_cinder("image_volume_cache_entries", &["id"])
};

/// What drivers remember of initiators.
pub const DRIVER_INITIATOR_DATA: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        serial("id"),
        string("initiator", 255).required(),
        string("namespace", 255).required(),
        string("key", 255).required(),
        string("value", 255),
    ],
    uniques: &[&["initiator", "namespace", "key"]],
    indexes: &[index("ix_driver_initiator_data_initiator", &["initiator"])],
    ..Table::of_cinder("driver_initiator_data", &["id"])
};
