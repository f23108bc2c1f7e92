//! Groups, their snapshots, and the consistency groups of old.

use ashlar_types::{GroupSnapshotStatus, GroupStatus};

use super::Kind::{Any, List, Named, Object, One, Page, Text, Time, Uuid, Words};
use super::{BRIEF, Field, Kind, MAYBE_TEXT, MAYBE_UUID, field};
use crate::openapi::answers::{Answer, empty, json};

const GROUP_STATUS: Kind =
    Words(|| GroupStatus::ALL.iter().map(|status| status.as_str()).collect());
const SNAPSHOT_STATUS: Kind =
    Words(|| GroupSnapshotStatus::ALL.iter().map(|status| status.as_str()).collect());

static SHORT: Kind = Named("Brief", &Object(&[BRIEF]));

static GROUP: Kind = Named("Group", &Object(&[GROUP_FIELDS]));
const GROUP_FIELDS: &[Field] = &[
    field("id", Uuid),
    field("status", GROUP_STATUS),
    field("availability_zone", MAYBE_TEXT),
    field("created_at", Time),
    field("name", MAYBE_TEXT),
    field("description", MAYBE_TEXT),
    field("group_type", MAYBE_UUID),
    field("volume_types", List(&Uuid)),
    field("group_snapshot_id", MAYBE_UUID).since(14),
    field("source_group_id", MAYBE_UUID).since(14),
    // when they are asked for
    field("volumes", List(&Uuid)).since(25).sometimes(),
    field("replication_status", MAYBE_TEXT).since(38),
    field("project_id", Text).since(58).sometimes(),
];

static GROUP_SNAPSHOT_MADE: Kind = Object(&[BRIEF, &[field("group_type_id", MAYBE_UUID)]]);
static GROUP_SNAPSHOT: Kind = Named("GroupSnapshot", &Object(&[GROUP_SNAPSHOT_FIELDS]));
const GROUP_SNAPSHOT_FIELDS: &[Field] = &[
    field("id", Uuid),
    field("group_id", Uuid),
    field("group_type_id", MAYBE_UUID),
    field("status", SNAPSHOT_STATUS),
    field("created_at", Time),
    field("name", MAYBE_TEXT),
    field("description", MAYBE_TEXT),
    field("project_id", Text).since(58).sometimes(),
];

static CG: Kind = Named("ConsistencyGroup", &Object(&[CG_FIELDS]));
const CG_FIELDS: &[Field] = &[
    field("id", Uuid),
    field("status", GROUP_STATUS),
    field("availability_zone", MAYBE_TEXT),
    field("created_at", Time),
    field("name", MAYBE_TEXT),
    field("description", MAYBE_TEXT),
    field("volume_types", List(&Uuid)),
];

static CG_SNAPSHOT: Kind = Named("ConsistencyGroupSnapshot", &Object(&[CG_SNAPSHOT_FIELDS]));
const CG_SNAPSHOT_FIELDS: &[Field] = &[
    field("id", Uuid),
    field("consistencygroup_id", Uuid),
    field("status", SNAPSHOT_STATUS),
    field("created_at", Time),
    field("name", MAYBE_TEXT),
    field("description", MAYBE_TEXT),
];

/// Answers.
pub static ANSWERS: &[Answer] = &[
    json("group.list", 200, &Page("groups", &SHORT, "group_links")),
    json("group.detail", 200, &Page("groups", &GROUP, "group_links")),
    json("group.create", 202, &One("group", &SHORT)),
    json("group.show", 200, &One("group", &GROUP)),
    empty("group.update", 202),
    json("group.action.create_from_src", 202, &One("group", &SHORT)),
    empty("group.action.delete", 202),
    empty("group.action.reset_status", 202),
    empty("group.action.enable_replication", 202),
    empty("group.action.disable_replication", 202),
    empty("group.action.failover_replication", 202),
    json("group.action.list_replication_targets", 200, &One("replication_targets", &List(&Any))),
    json("group_snapshot.list", 200, &Page("group_snapshots", &SHORT, "group_snapshot_links")),
    json(
        "group_snapshot.detail",
        200,
        &Page("group_snapshots", &GROUP_SNAPSHOT, "group_snapshot_links"),
    ),
    json("group_snapshot.create", 202, &One("group_snapshot", &GROUP_SNAPSHOT_MADE)),
    json("group_snapshot.show", 200, &One("group_snapshot", &GROUP_SNAPSHOT)),
    empty("group_snapshot.delete", 202),
    empty("group_snapshot.action.reset_status", 202),
    json("cg.list", 200, &Page("consistencygroups", &SHORT, "consistencygroup_links")),
    json("cg.detail", 200, &Page("consistencygroups", &CG, "consistencygroup_links")),
    json("cg.create", 202, &One("consistencygroup", &SHORT)),
    json("cg.create_from_src", 202, &One("consistencygroup", &SHORT)),
    json("cg.show", 200, &One("consistencygroup", &CG)),
    empty("cg.update", 202),
    empty("cg.delete", 202),
    json("cgsnapshot.list", 200, &One("cgsnapshots", &List(&SHORT))),
    json("cgsnapshot.detail", 200, &One("cgsnapshots", &List(&CG_SNAPSHOT))),
    json("cgsnapshot.create", 202, &One("cgsnapshot", &SHORT)),
    json("cgsnapshot.show", 200, &One("cgsnapshot", &CG_SNAPSHOT)),
    empty("cgsnapshot.delete", 202),
];
