//! Cinder's tables: services, clusters and the workers table that marks interrupted work.

use super::{
    Initial, Table, fine_time, flag, foreign_key, index, int, serial, string, time, unique_index,
};

/// Running roles, one row each, with a heartbeat in `updated_at` and `report_count`.
pub const SERVICES: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        serial("id"),
        string("host", 255),
        string("binary", 255),
        string("topic", 255),
        int("report_count").required(),
        flag("disabled"),
        string("availability_zone", 255),
        string("disabled_reason", 255),
        time("modified_at"),
        string("rpc_current_version", 36),
        string("object_current_version", 36),
        string("replication_status", 36),
        flag("frozen"),
        string("active_backend_id", 255),
        string("cluster_name", 255),
        string("uuid", 36),
    ],
    indexes: &[unique_index("services_uuid_idx", &["uuid"])],
    ..Table::of_cinder("services", &["id"])
};

/// Services that share their work (active-active).
pub const CLUSTERS: Table = Table {
    columns: &[
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        serial("id"),
        string("name", 255).required(),
        string("binary", 255).required(),
        flag("disabled"),
        string("disabled_reason", 255),
        int("race_preventer").required(),
        string("replication_status", 36),
        string("active_backend_id", 255),
        flag("frozen").required().or(Initial::False),
    ],
    uniques: &[&["name", "binary", "race_preventer"]],
    ..Table::of_cinder("clusters", &["id"])
};

/// Which service is at work on which resource. Ashlar writes nothing here but the first row: its
/// flows say more.
pub const WORKERS: Table = Table {
    columns: &[
        time("created_at"),
        fine_time("updated_at"),
        time("deleted_at"),
        flag("deleted"),
        serial("id"),
        string("resource_type", 40).required(),
        string("resource_id", 36).required(),
        string("status", 255).required(),
        int("service_id"),
        int("race_preventer").required().or(Initial::Zero),
    ],
    uniques: &[&["resource_type", "resource_id"]],
    indexes: &[index("ix_workers_service_id", &["service_id"])],
    foreign_keys: &[foreign_key("service_id", "services", "id")],
    ..Table::of_cinder("workers", &["id"])
};
