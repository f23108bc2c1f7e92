//! Volume types with their specs, encryption and access, group types, default types.

use super::Kind::{
    Any, Bool, Either, Int, List, Map, Named, Object, One, Or, Page, Pair, Text, Uuid,
};
use super::{Field, Kind, MAYBE_TEXT, MAYBE_TIME, SPECS, field};
use crate::openapi::answers::{Answer, empty, json};

const TYPE: &[Field] = &[
    field("id", Uuid),
    field("name", Text),
    field("is_public", Bool),
    field("description", MAYBE_TEXT),
];

static FULL: Kind = Named("VolumeType", &Object(&[TYPE, FOR_SOME]));
const FOR_SOME: &[Field] = &[
    field("extra_specs", SPECS).sometimes(),
    field("qos_specs_id", MAYBE_TEXT).sometimes(),
    field("os-volume-type-access:is_public", Bool).sometimes(),
];

static MADE: Kind = Named("VolumeTypeMade", &Object(&[TYPE, ALL_SPECS, ACCESS]));
const ALL_SPECS: &[Field] = &[field("extra_specs", SPECS)];
const ACCESS: &[Field] = &[field("os-volume-type-access:is_public", Bool).sometimes()];

static CHANGED: Kind = Named("VolumeTypeChanged", &Object(&[TYPE, ALL_SPECS]));

static ENCRYPTION: Kind = Either(&[Object(&[ENCRYPTION_ROW]), Object(&[])]);
const ENCRYPTION_ROW: &[Field] = &[
    field("encryption_id", Text),
    field("volume_type_id", Uuid),
    field("control_location", MAYBE_TEXT),
    field("cipher", MAYBE_TEXT),
    field("key_size", Or(&Int)),
    field("provider", MAYBE_TEXT),
    field("created_at", MAYBE_TIME),
    field("updated_at", MAYBE_TIME),
    field("deleted_at", MAYBE_TIME),
    field("deleted", Bool),
];

/// The request again, with what it came to.
static ENCRYPTION_MADE: Kind = Kind::With(&[ENCRYPTION_IDS], &Any);
const ENCRYPTION_IDS: &[Field] = &[field("volume_type_id", Uuid), field("encryption_id", Text)];

static ACCESSES: Kind = One("volume_type_access", &List(&Object(&[ACCESS_FIELDS])));
const ACCESS_FIELDS: &[Field] = &[field("volume_type_id", Uuid), field("project_id", Text)];

static GROUP_TYPE: Kind = Named("GroupType", &Object(&[TYPE, GROUP_SPECS]));
const GROUP_SPECS: &[Field] = &[field("group_specs", SPECS).sometimes()];

static DEFAULT: Kind = Object(&[DEFAULT_FIELDS]);
const DEFAULT_FIELDS: &[Field] = &[field("project_id", Text), field("volume_type_id", Uuid)];

/// Answers.
pub static ANSWERS: &[Answer] = &[
    json("type.list", 200, &Page("volume_types", &FULL, "volume_type_links")),
    json("type.show", 200, &One("volume_type", &FULL)),
    json("type.default", 200, &One("volume_type", &FULL)),
    json("type.create", 200, &One("volume_type", &MADE)),
    json("type.update", 200, &One("volume_type", &CHANGED)),
    empty("type.delete", 202),
    json("type.extra_specs.list", 200, &One("extra_specs", &SPECS)),
    // the request again
    json("type.extra_specs.create", 200, &One("extra_specs", &SPECS)),
    json("type.extra_specs.show", 200, &Pair(&MAYBE_TEXT)),
    json("type.extra_specs.update", 200, &Pair(&MAYBE_TEXT)),
    empty("type.extra_specs.delete", 202),
    json("type.encryption.list", 200, &ENCRYPTION),
    json("type.encryption.create", 200, &One("encryption", &ENCRYPTION_MADE)),
    json("type.encryption.show", 200, &Pair(&Any)),
    json("type.encryption.update", 200, &One("encryption", &Map(&Any))),
    empty("type.encryption.delete", 202),
    json("type.access.list", 200, &ACCESSES),
    empty("type.access.add", 202),
    empty("type.access.remove", 202),
    json("default_type.list", 200, &One("default_types", &List(&DEFAULT))),
    json("default_type.show", 200, &One("default_type", &DEFAULT)),
    json("default_type.set", 200, &One("default_type", &DEFAULT)),
    empty("default_type.unset", 204),
    json("group_type.list", 200, &Page("group_types", &GROUP_TYPE, "group_type_links")),
    json("group_type.show", 200, &One("group_type", &GROUP_TYPE)),
    json("group_type.create", 202, &One("group_type", &GROUP_TYPE)),
    json("group_type.update", 200, &One("group_type", &GROUP_TYPE)),
    empty("group_type.delete", 202),
    json("group_type.specs.list", 200, &One("group_specs", &SPECS)),
    json("group_type.specs.create", 202, &One("group_specs", &SPECS)),
    json("group_type.specs.show", 200, &Pair(&MAYBE_TEXT)),
    json("group_type.specs.update", 200, &Pair(&MAYBE_TEXT)),
    empty("group_type.specs.delete", 202),
];
