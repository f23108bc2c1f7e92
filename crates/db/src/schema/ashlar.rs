//! The `ashlar_*` tables, for what Cinder has no table for, and our indexes on Cinder's tables.
//!
//! They change in numbered [`STEPS`]. A step that was released is never edited: a change is a new step.

use super::{Index, Initial, Table, big_int, flag, index, int, long_text, string};

/// A set of changes of ours. Running it twice does no harm: what is there already is left alone.
#[derive(Debug)]
pub struct Step {
    /// Its number in `ashlar_schema`; they count up from 1.
    pub version: i64,
    /// Tables that it makes.
    pub tables: &'static [&'static Table],
    /// Indexes that it adds to Cinder's tables: table, index.
    pub indexes: &'static [(&'static str, Index)],
}

/// All steps in order.
pub static STEPS: &[Step] = &[Step {
    version: 1,
    tables: &[&FLOWS, &POOLS, &HOLDS, &DECISIONS],
    indexes: INDEXES_ON_CINDERS,
}];

/// The version that this program needs: its last step's.
#[must_use]
pub fn version() -> i64 {
    STEPS.last().map_or(0, |step| step.version)
}

/// The steps that ran, one row each. Version 0 says that Ashlar, not Cinder, began to make Cinder's
/// tables here: a sync that was cut short may then go on.
pub const SCHEMA: Table = Table {
    columns: &[
        int("version").required(),
        // microseconds since 1970
        big_int("applied_at").required(),
    ],
    ..Table::of_ashlar("ashlar_schema", &["version"])
};

/// Persisted operations. Moments are microseconds since 1970 in all tables of ours.
pub const FLOWS: Table = Table {
    columns: &[
        string("id", 36).required(),
        string("name", 64).required(),
        // of the state's shape
        int("version").required(),
        long_text("state").required(),
        long_text("log").required(),
        string("direction", 16).required(),
        // of the task in the flow's table
        int("position").required(),
        string("role", 16).required(),
        // the `host@backend` that must run the task; NULL when any of the role may
        string("target", 255),
        int("attempts").required().or(Initial::Zero),
        big_int("not_before").required().or(Initial::Zero),
        string("claimed_by", 64),
        big_int("claimed_until"),
        // counts up with every claim, so that a worker whose lease ran out can write no more
        big_int("claim_token").required().or(Initial::Zero),
        flag("finished").required().or(Initial::False),
        string("resource_kind", 32).required(),
        string("resource_id", 36).required(),
        string("project_id", 255).required(),
        string("request_id", 64),
        long_text("cause"),
        big_int("created_at").required(),
        big_int("updated_at").required(),
    ],
    indexes: &[
        index("ashlar_ix_flows_claim", &["finished", "role", "target", "not_before"]),
        index("ashlar_ix_flows_resource", &["resource_id"]),
        index("ashlar_ix_flows_updated", &["finished", "updated_at"]),
    ],
    ..Table::of_ashlar("ashlar_flows", &["id"])
};

/// What each pool reported last, and what was promised and allocated on it since. Sizes in GiB.
pub const POOLS: Table = Table {
    columns: &[
        string("name", 255).required(),
        string("backend", 255).required(),
        // of the service that reported it
        string("availability_zone", 255).required(),
        long_text("stats").required(),
        big_int("allocated").required().or(Initial::Zero),
        big_int("held").required().or(Initial::Zero),
        // how many volumes
        big_int("volumes").required().or(Initial::Zero),
        // counts up with every change, for compare and swap
        big_int("version").required().or(Initial::Zero),
        big_int("reported_at").required().or(Initial::Zero),
    ],
    indexes: &[index("ashlar_ix_pools_backend", &["backend"])],
    ..Table::of_ashlar("ashlar_pools", &["name"])
};

/// Capacity promised on a pool and not yet allocated.
pub const HOLDS: Table = Table {
    columns: &[
        string("id", 36).required(),
        string("pool", 255).required(),
        string("flow_id", 36).required(),
        string("resource_id", 36).required(),
        big_int("gib").required(),
        big_int("created_at").required(),
    ],
    indexes: &[
        index("ashlar_ix_holds_flow", &["flow_id"]),
        index("ashlar_ix_holds_pool", &["pool"]),
    ],
    ..Table::of_ashlar("ashlar_holds", &["id"])
};

/// Why placement chose what it chose: one row for each time that it was asked.
pub const DECISIONS: Table = Table {
    columns: &[
        string("id", 36).required(),
        string("flow_id", 36).required(),
        string("volume_id", 36).required(),
        int("attempt").required(),
        // NULL when no pool was fit
        string("chosen", 255),
        long_text("verdict").required(),
        big_int("created_at").required(),
    ],
    indexes: &[
        index("ashlar_ix_decisions_volume", &["volume_id"]),
        index("ashlar_ix_decisions_created", &["created_at"]),
    ],
    ..Table::of_ashlar("ashlar_decisions", &["id"])
};

/// Cinder's own indexes serve look-ups by id, parent and host. These serve the lists (of one project
/// and of all, newest first), names, and a project's own limits, for which Cinder scans.
const INDEXES_ON_CINDERS: &[(&str, Index)] = &[
    ("volumes", index("ashlar_ix_volumes_project", &["project_id", "deleted", "created_at", "id"])),
    ("volumes", index("ashlar_ix_volumes_created", &["deleted", "created_at", "id"])),
    ("volumes", index("ashlar_ix_volumes_name", &["display_name", "project_id"])),
    (
        "snapshots",
        index("ashlar_ix_snapshots_project", &["project_id", "deleted", "created_at", "id"]),
    ),
    ("snapshots", index("ashlar_ix_snapshots_created", &["deleted", "created_at", "id"])),
    ("snapshots", index("ashlar_ix_snapshots_name", &["display_name", "project_id"])),
    (
        "messages",
        index("ashlar_ix_messages_project", &["project_id", "deleted", "created_at", "id"]),
    ),
    ("quotas", index("ashlar_ix_quotas_project", &["project_id", "resource"])),
];

#[cfg(test)]
mod tests {
    use super::super::cinder;
    use super::*;

    #[test]
    fn steps_count_up_from_one() {
        let versions: Vec<i64> = STEPS.iter().map(|step| step.version).collect();
        let expected: Vec<i64> = (1..).take(STEPS.len()).collect();
        assert_eq!(versions, expected);
    }

    #[test]
    fn indexes_of_ours_name_columns_of_cinders_tables_and_carry_our_prefix() {
        for (table, index) in STEPS.iter().flat_map(|step| step.indexes) {
            let found = cinder::TABLES.iter().find(|candidate| candidate.name == *table);
            let found = found.expect("the table is one of Cinder's");
            assert!(index.name.starts_with("ashlar_ix_"), "{}", index.name);
            for name in index.columns {
                assert!(found.columns.iter().any(|column| column.name == *name), "{table}.{name}");
            }
        }
    }
}
