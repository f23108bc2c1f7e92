//! What backends have that may be managed, and what is answered when it is, on both paths.

use super::Kind::{Any, Bool, Count, List, Map, Named, Object, Oldest, One};
use super::snapshots;
use super::volumes::PLAIN;
use super::{Field, Kind, MAYBE_TEXT, field};
use crate::openapi::answers::{Answer, json};

const SHORT: &[Field] =
    &[field("reference", Map(&Any)), field("size", Count), field("safe_to_manage", Bool)];
const SOURCE: &[Field] = &[field("source_reference", Kind::Or(&Map(&Any)))];
const MORE: &[Field] = &[
    field("reason_not_safe", MAYBE_TEXT),
    field("cinder_id", MAYBE_TEXT),
    field("extra_info", MAYBE_TEXT),
];

static VOLUMES: Kind = One("manageable-volumes", &List(&Object(&[SHORT])));
static VOLUMES_IN_FULL: Kind = One("manageable-volumes", &List(&Object(&[SHORT, MORE])));
static SNAPSHOTS: Kind = One("manageable-snapshots", &List(&Object(&[SHORT, SOURCE])));
static SNAPSHOTS_IN_FULL: Kind =
    One("manageable-snapshots", &List(&Object(&[SHORT, SOURCE, MORE])));
static VOLUME: Kind = One("volume", &Named("VolumeManaged", &Oldest(&Object(&[PLAIN]))));
static SNAPSHOT: Kind = One("snapshot", &snapshots::IN_LIST);

/// Answers.
pub static ANSWERS: &[Answer] = &[
    json("manageable-volume.list", 200, &VOLUMES),
    json("manageable-volume.detail", 200, &VOLUMES_IN_FULL),
    json("manageable-volume.create", 202, &VOLUME),
    json("manageable-volume-legacy.list", 200, &VOLUMES),
    json("manageable-volume-legacy.detail", 200, &VOLUMES_IN_FULL),
    json("manageable-volume-legacy.create", 202, &VOLUME),
    json("manageable-snapshot.list", 200, &SNAPSHOTS),
    json("manageable-snapshot.detail", 200, &SNAPSHOTS_IN_FULL),
    json("manageable-snapshot.create", 202, &SNAPSHOT),
    json("manageable-snapshot-legacy.list", 200, &SNAPSHOTS),
    json("manageable-snapshot-legacy.detail", 200, &SNAPSHOTS_IN_FULL),
    json("manageable-snapshot-legacy.create", 202, &SNAPSHOT),
];
