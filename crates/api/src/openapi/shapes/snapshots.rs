//! Snapshots.

use ashlar_types::SnapshotStatus;

use super::Kind::{Bool, Count, Counted, Named, Object, One, Text, Time, Uuid, Words};
use super::volumes::{ALL_METADATA, ONE_PAIR};
use super::{Field, Kind, MAYBE_TEXT, MAYBE_TIME, METADATA, field};
use crate::openapi::answers::{Answer, empty, json};

const SHORT: &[Field] = &[
    field("id", Uuid),
    field("created_at", Time),
    field("updated_at", MAYBE_TIME),
    field("name", MAYBE_TEXT),
    field("description", MAYBE_TEXT),
    field("volume_id", Uuid),
    field("status", Words(|| SnapshotStatus::ALL.iter().map(|status| status.as_str()).collect())),
    field("size", Count),
    field("metadata", METADATA),
];

const MORE: &[Field] = &[
    field("group_snapshot_id", MAYBE_TEXT).since(14),
    field("user_id", Text).since(41),
    field("consumes_quota", Bool).since(65),
];

/// For whom they may be shown.
const EXTENSIONS: &[Field] = &[
    field("os-extended-snapshot-attributes:project_id", Text).sometimes(),
    field("os-extended-snapshot-attributes:progress", MAYBE_TEXT).sometimes(),
];

/// Without what came after 3.0.
pub static IN_LIST: Kind = Named("SnapshotInList", &Object(&[SHORT]));
static MADE: Kind = Named("SnapshotMade", &Object(&[SHORT, MORE]));
static FULL: Kind = Named("Snapshot", &Object(&[SHORT, MORE, EXTENSIONS]));

/// Answers.
pub static ANSWERS: &[Answer] = &[
    json("snapshot.list", 200, &Counted("snapshots", &IN_LIST, "snapshots_links")),
    json("snapshot.detail", 200, &Counted("snapshots", &FULL, "snapshots_links")),
    json("snapshot.create", 202, &One("snapshot", &MADE)),
    json("snapshot.show", 200, &One("snapshot", &FULL)),
    json("snapshot.update", 200, &One("snapshot", &MADE)),
    empty("snapshot.delete", 202),
    json("snapshot.metadata.list", 200, &ALL_METADATA),
    json("snapshot.metadata.create", 200, &ALL_METADATA),
    json("snapshot.metadata.replace", 200, &ALL_METADATA),
    json("snapshot.metadata.show", 200, &ONE_PAIR),
    json("snapshot.metadata.set", 200, &ONE_PAIR),
    empty("snapshot.metadata.delete", 200),
    empty("snapshot.action.reset_status", 202),
    empty("snapshot.action.force_delete", 202),
    empty("snapshot.action.unmanage", 202),
    empty("snapshot.action.update_snapshot_status", 202),
];
