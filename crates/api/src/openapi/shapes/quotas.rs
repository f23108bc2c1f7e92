//! Quotas, quota classes and limits. They are the same at every microversion.

use super::Kind::{Any, Count, Either, Int, List, Map, Named, Object, One, Text, With};
use super::{Field, Kind, field};
use crate::openapi::answers::{Answer, empty, json};

/// Limits by resource, with the name of whose they are.
static SET: Kind = With(&[ID], &Int);
const ID: &[Field] = &[field("id", Text)];

/// The same, or with what is used of each when that was asked for.
static SHOWN: Kind = With(&[ID], &Either(&[Int, Object(&[USAGE])]));
const USAGE: &[Field] = &[field("limit", Int), field("in_use", Int), field("reserved", Int)];

static LIMITS: Kind = One("limits", &Object(&[LIMITS_FIELDS]));
const LIMITS_FIELDS: &[Field] =
    &[field("rate", List(&Any)), field("absolute", Named("AbsoluteLimits", &ABSOLUTE))];
static ABSOLUTE: Kind = Object(&[MOST, USED]);
const MOST: &[Field] = &[
    field("maxTotalVolumes", Int),
    field("maxTotalVolumeGigabytes", Int),
    field("maxTotalSnapshots", Int),
    field("maxTotalBackups", Int),
    field("maxTotalBackupGigabytes", Int),
];
/// For whom it may be shown.
const USED: &[Field] = &[
    field("totalVolumesUsed", Count).sometimes(),
    field("totalGigabytesUsed", Count).sometimes(),
    field("totalSnapshotsUsed", Count).sometimes(),
    field("totalBackupsUsed", Count).sometimes(),
    field("totalBackupGigabytesUsed", Count).sometimes(),
];

/// Answers.
pub static ANSWERS: &[Answer] = &[
    json("quota.show", 200, &One("quota_set", &SHOWN)),
    json("quota.defaults", 200, &One("quota_set", &SET)),
    json("quota.update", 200, &One("quota_set", &Map(&Int))),
    empty("quota.delete", 200),
    json("quota_class.show", 200, &One("quota_class_set", &SET)),
    json("quota_class.update", 200, &One("quota_class_set", &Map(&Int))),
    json("limits.show", 200, &LIMITS),
];
