//! The `ashlar_*` tables, for what Cinder has no table for, and our indexes on Cinder's tables.
//!
//! They change in numbered [`STEPS`]. A step that was released is never edited: a change is a new step.

use super::{Column, Index, Initial, Table, big_int, flag, index, int, long_text, string};

/// A set of changes of ours. Running it twice does no harm: what is there already is left alone.
#[derive(Debug)]
pub struct Step {
    /// Its number in `ashlar_schema`; they count up from 1.
    pub version: i64,
    /// Tables that it makes.
    pub tables: &'static [&'static Table],
    /// Columns that it adds to tables of ours: table, column. Each may be NULL or has an initial value.
    pub columns: &'static [(&'static str, Column)],
    /// Indexes that it adds to Cinder's tables: table, index.
    pub indexes: &'static [(&'static str, Index)],
    /// Statements that fill what was added from what is there, understood by every engine.
    pub fills: &'static [&'static str],
}

/// All steps in order.
pub static STEPS: &[Step] = &[
    Step {
        version: 1,
        tables: &[&FLOWS, &POOLS, &HOLDS, &DECISIONS],
        columns: &[],
        indexes: INDEXES_ON_CINDERS,
        fills: &[],
    },
    Step {
        version: 2,
        tables: &[&POOL_SETS, &DECISION_PAGES, &NOTIFICATIONS],
        columns: EXACT_FIGURES,
        indexes: &[],
        fills: EXACT_FIGURES_OF_EARLIER_ROWS,
    },
    Step {
        version: 3,
        tables: &[&ANSWERS],
        // how far its longest task has come, as JSON
        columns: &[("ashlar_flows", string("progress", 255))],
        indexes: &[],
        fills: &[],
    },
    Step {
        version: 4,
        tables: &[&REQUESTS],
        columns: &[],
        indexes: INDEXES_ON_TRANSFERS,
        fills: &[],
    },
    Step {
        version: 5,
        tables: &[&LEASES],
        // what oslo.messaging calls the context: who asked, as JSON
        columns: &[("ashlar_notifications", long_text("context"))],
        indexes: &[],
        fills: &[],
    },
    Step { version: 6, tables: &[&LOG_LEVELS], columns: &[], indexes: &[], fills: &[] },
    // Only SQLite's planner is told something new, as after every step.
    Step { version: 7, tables: &[], columns: &[], indexes: &[], fills: &[] },
];

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
        // empty where it stands on a page
        long_text("verdict").required(),
        big_int("created_at").required(),
    ],
    indexes: &[
        index("ashlar_ix_decisions_volume", &["volume_id"]),
        index("ashlar_ix_decisions_created", &["created_at"]),
    ],
    ..Table::of_ashlar("ashlar_decisions", &["id"])
};

/// Step 2: what is needed to know how much a report cannot know of, and decisions that share a page.
const EXACT_FIGURES: &[(&str, Column)] = &[
    // all that was ever settled here, in GiB; only its differences mean something
    ("ashlar_pools", big_int("made").required().or(Initial::Zero)),
    // GiB held or settled that the stored report cannot know of
    ("ashlar_pools", big_int("unreported").required().or(Initial::Zero)),
    // how many volumes are being made here
    ("ashlar_pools", big_int("making").required().or(Initial::Zero)),
    // when the backend was asked for the stored report; no two reports have the same
    ("ashlar_pools", big_int("asked_at").required().or(Initial::Zero)),
    // how many volumes the hold is to become: 1 for a volume, 0 for a snapshot or for growth
    ("ashlar_holds", big_int("volumes").required().or(Initial::Zero)),
    // NULL where the verdict stands in the row itself
    ("ashlar_decisions", string("page_id", 36)),
    ("ashlar_decisions", int("slot")),
];

/// Nobody knows what the reports of step 1 leave out, so those pools wait for the next one.
const EXACT_FIGURES_OF_EARLIER_ROWS: &[&str] = &[
    "UPDATE ashlar_holds SET volumes = 1 WHERE flow_id IN \
     (SELECT id FROM ashlar_flows WHERE name = 'create-volume')",
    "UPDATE ashlar_pools SET reported_at = 0, unreported = held, making = \
     (SELECT COALESCE(SUM(h.volumes), 0) FROM ashlar_holds h WHERE h.pool = ashlar_pools.name)",
];

/// Lists of pools' names, each kept once: decisions are about all pools there are.
pub const POOL_SETS: Table = Table {
    columns: &[
        string("id", 64).required(),
        long_text("names").required(),
        // or last asked for, to the hour
        big_int("created_at").required(),
    ],
    indexes: &[index("ashlar_ix_pool_sets_created", &["created_at"])],
    ..Table::of_ashlar("ashlar_pool_sets", &["id"])
};

/// What placement said in one go about several volumes.
pub const DECISION_PAGES: Table = Table {
    columns: &[
        string("id", 36).required(),
        string("pool_set", 64).required(),
        long_text("body").required(),
        // the same as its decisions'
        big_int("created_at").required(),
    ],
    indexes: &[
        index("ashlar_ix_decision_pages_created", &["created_at"]),
        index("ashlar_ix_decision_pages_set", &["pool_set"]),
    ],
    ..Table::of_ashlar("ashlar_decision_pages", &["id"])
};

/// What flows have to tell whoever waits for them, and nobody else: it may hold a password.
pub const ANSWERS: Table = Table {
    columns: &[
        string("flow_id", 36).required(),
        long_text("body").required(),
        big_int("created_at").required(),
    ],
    indexes: &[index("ashlar_ix_answers_created", &["created_at"])],
    ..Table::of_ashlar("ashlar_answers", &["flow_id"])
};

/// Requests that came with a key, and what was answered.
pub const REQUESTS: Table = Table {
    columns: &[
        // digest of project, user and key
        string("id", 64).required(),
        // digest of what was asked
        string("request", 64).required(),
        string("request_id", 64).required(),
        // what the flow is about that the request began, if it began one
        string("resource_kind", 32),
        string("resource_id", 36),
        // NULL as long as there is no answer
        int("status"),
        long_text("body"),
        big_int("created_at").required(),
    ],
    indexes: &[index("ashlar_ix_requests_created", &["created_at"])],
    ..Table::of_ashlar("ashlar_requests", &["id"])
};

/// Notifications on their way out.
pub const NOTIFICATIONS: Table = Table {
    columns: &[
        string("id", 36).required(),
        string("event_type", 255).required(),
        string("priority", 16).required(),
        string("publisher_id", 255).required(),
        // of whoever asked for what it tells of
        string("request_id", 255).required(),
        long_text("payload").required(),
        big_int("created_at").required(),
    ],
    indexes: &[index("ashlar_ix_notifications_created", &["created_at"])],
    ..Table::of_ashlar("ashlar_notifications", &["id"])
};

/// What only one process at a time does. A row is made when it is first asked for.
pub const LEASES: Table = Table {
    columns: &[
        string("name", 64).required(),
        // the process; empty when nobody has it
        string("owner", 64).required(),
        big_int("held_until").required(),
    ],
    ..Table::of_ashlar("ashlar_leases", &["name"])
};

/// The processes that run, and what each is to log.
pub const LOG_LEVELS: Table = Table {
    columns: &[
        string("id", 64).required(),
        // what it plays, as JSON
        long_text("services").required(),
        // in the words of ASHLAR_LOG
        long_text("levels").required(),
        big_int("seen_at").required(),
    ],
    ..Table::of_ashlar("ashlar_log_levels", &["id"])
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

/// The offers that are open, newest first; those that are over stay as rows for ever.
const INDEXES_ON_TRANSFERS: &[(&str, Index)] =
    &[("transfers", index("ashlar_ix_transfers_created", &["deleted", "created_at", "id"]))];

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
    fn columns_are_added_to_tables_of_ours_and_need_no_value_in_rows_that_are_there() {
        use super::super::Null;
        let tables: Vec<_> = STEPS.iter().flat_map(|step| step.tables).collect();
        for (table, column) in STEPS.iter().flat_map(|step| step.columns) {
            let found = tables.iter().find(|candidate| candidate.name == *table);
            let found = found.expect("the table is one of ours");
            assert!(found.columns.iter().all(|known| known.name != column.name), "{column:?}");
            assert!(column.null == Null::Allowed || column.initial.is_some(), "{column:?}");
        }
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
