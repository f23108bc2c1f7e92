//! Cinder's tables: backups and transfers.

use super::{Table, checked_flag, flag, foreign_key, index, int, serial, string, time};

/// Backups of volumes.
pub const BACKUPS: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        checked_flag("deleted"),
        string("id", 36).required(),
        string("volume_id", 36).required(),
        string("user_id", 255),
        string("project_id", 255),
        string("host", 255),
        string("availability_zone", 255),
        string("display_name", 255),
        string("display_description", 255),
        string("container", 255),
        string("status", 255),
        string("fail_reason", 255),
        string("service_metadata", 255),
        string("service", 255),
        int("size"),
        int("object_count"),
        string("parent_id", 36),
        string("temp_volume_id", 36),
        string("temp_snapshot_id", 36),
        int("num_dependent_backups"),
        string("snapshot_id", 36),
        time("data_timestamp"),
        string("restore_volume_id", 36),
        string("encryption_key_id", 36),
    ],
    indexes: &[index("backups_deleted_project_id_idx", &["deleted", "project_id"])],
    ..Table::of_cinder("backups", &["id"])
};

/// Backups' metadata.
pub const BACKUP_METADATA: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        serial("id"),
        string("backup_id", 36).required(),
        string("key", 255),
        string("value", 255),
    ],
    indexes: &[index("ix_backup_metadata_backup_id", &["backup_id"])],
    foreign_keys: &[foreign_key("backup_id", "backups", "id")],
    ..Table::of_cinder("backup_metadata", &["id"])
};

/// Offers of a volume to another project.
pub const TRANSFERS: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        string("id", 36).required(),
        string("volume_id", 36).required(),
        string("display_name", 255),
        string("salt", 255),
        string("crypt_hash", 255),
        time("expires_at"),
        flag("no_snapshots"),
        string("source_project_id", 255),
        string("destination_project_id", 255),
        flag("accepted"),
    ],
    indexes: &[index("ix_transfers_volume_id", &["volume_id"])],
    foreign_keys: &[foreign_key("volume_id", "volumes", "id")],
    ..Table::of_cinder("transfers", &["id"])
};
