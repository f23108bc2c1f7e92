//! Volumes: answers of the resource, its metadata, its encryption and its actions.

use ashlar_types::VolumeStatus;

use super::Kind::{
    Any, Bool, Count, Counted, Int, List, Map, Named, Object, One, Or, Text, Time, Uuid, With,
    Words,
};
use super::{
    BRIEF, Field, Kind, LINKS, MAYBE_TEXT, MAYBE_TIME, MAYBE_UUID, METADATA, SPECS, field,
};
use crate::openapi::answers::{Answer, empty, json, text};

/// A volume as it is answered when it was made or changed.
pub const PLAIN: &[Field] = &[
    field("id", Uuid),
    field("status", STATUS),
    field("size", Count),
    field("availability_zone", MAYBE_TEXT),
    field("created_at", Time),
    field("updated_at", MAYBE_TIME),
    field("name", MAYBE_TEXT),
    field("description", MAYBE_TEXT),
    field("volume_type", MAYBE_TEXT),
    field("snapshot_id", MAYBE_UUID),
    field("source_volid", MAYBE_UUID),
    field("metadata", METADATA),
    field("links", LINKS),
    field("user_id", Text),
    field("bootable", Words(|| vec!["true", "false"])),
    field("encrypted", Bool),
    field("replication_status", MAYBE_TEXT),
    field("consistencygroup_id", MAYBE_TEXT),
    field("multiattach", Bool),
    field("attachments", List(&ATTACHMENT)),
    field("migration_status", MAYBE_TEXT).sometimes(),
    field("group_id", MAYBE_UUID).since(13),
    field("provider_id", MAYBE_TEXT).since(21).sometimes(),
    field("shared_targets", Bool).since(48).until(68),
    field("shared_targets", Or(&Bool)).since(69),
    field("service_uuid", MAYBE_TEXT).since(48),
    field("cluster_name", MAYBE_TEXT).since(61).sometimes(),
    field("volume_type_id", MAYBE_UUID).since(63),
    field("encryption_key_id", Text).since(64).sometimes(),
    field("consumes_quota", Bool).since(65),
];

/// What show and the long list add, for whom it may be shown.
const EXTENSIONS: &[Field] = &[
    field("os-vol-tenant-attr:tenant_id", Text).sometimes(),
    field("os-vol-mig-status-attr:migstat", MAYBE_TEXT).sometimes(),
    field("os-vol-mig-status-attr:name_id", MAYBE_UUID).sometimes(),
    field("os-vol-host-attr:host", MAYBE_TEXT).sometimes(),
    field("volume_image_metadata", METADATA).sometimes(),
];

const STATUS: Kind =
    Words(|| VolumeStatus::ALL.iter().map(|status| status.shown().as_str()).collect());

static ATTACHMENT: Kind = Named("VolumeAttachment", &Object(&[ATTACHMENT_FIELDS]));
const ATTACHMENT_FIELDS: &[Field] = &[
    field("id", Uuid),
    field("attachment_id", Uuid),
    field("volume_id", Uuid),
    field("server_id", MAYBE_TEXT),
    field("host_name", MAYBE_TEXT),
    field("device", MAYBE_TEXT),
    field("attached_at", MAYBE_TIME),
];

static SHORT: Kind = Named("VolumeInList", &Object(&[BRIEF, &[field("links", LINKS)]]));
static MADE: Kind = Named("VolumeMade", &Object(&[PLAIN]));
static FULL: Kind = Named("Volume", &Object(&[PLAIN, EXTENSIONS]));
/// `{"metadata": …}`
pub static ALL_METADATA: Kind = One("metadata", &METADATA);
/// `{"meta": …}` with one pair.
pub static ONE_PAIR: Kind = One("meta", &Kind::Pair(&Text));

static SUMMARY: Kind = One("volume-summary", &Object(&[SUMMARY_FIELDS]));
const SUMMARY_FIELDS: &[Field] = &[
    field("total_count", Count),
    field("total_size", Count),
    field("metadata", Map(&List(&Text))).since(36),
];

static ENCRYPTION: Kind = Object(&[ENCRYPTION_FIELDS]);
const ENCRYPTION_FIELDS: &[Field] = &[
    field("encryption_key_id", MAYBE_TEXT),
    field("control_location", MAYBE_TEXT).sometimes(),
    field("cipher", MAYBE_TEXT).sometimes(),
    field("key_size", Or(&Int)).sometimes(),
    field("provider", MAYBE_TEXT).sometimes(),
];

static CONNECTION: Kind = One("connection_info", &With(&[CONNECTION_FIELDS], &Any));
const CONNECTION_FIELDS: &[Field] =
    &[field("driver_volume_type", Text), field("data", Map(&Any)), field("enforce_multipath", Any)];

static UPLOAD: Kind = One("os-volume_upload_image", &Object(&[UPLOAD_FIELDS]));
const UPLOAD_FIELDS: &[Field] = &[
    field("id", Uuid),
    field("updated_at", MAYBE_TIME),
    field("status", Text),
    field("display_description", MAYBE_TEXT),
    field("size", Count),
    field("volume_type", Or(&TYPE_ROW)),
    field("image_id", Text),
    field("container_format", MAYBE_TEXT),
    field("disk_format", MAYBE_TEXT),
    field("image_name", MAYBE_TEXT),
    field("protected", Bool).since(1),
    field("visibility", MAYBE_TEXT).since(1),
];
static TYPE_ROW: Kind = Object(&[TYPE_ROW_FIELDS]);
const TYPE_ROW_FIELDS: &[Field] = &[
    field("id", Uuid),
    field("name", Text),
    field("description", MAYBE_TEXT),
    field("is_public", Bool),
    field("qos_specs_id", MAYBE_TEXT),
    field("extra_specs", SPECS),
    field("projects", List(&Any)),
    field("created_at", MAYBE_TIME),
    field("updated_at", MAYBE_TIME),
    field("deleted", Bool),
    field("deleted_at", MAYBE_TIME),
];

/// Answers.
pub static ANSWERS: &[Answer] = &[
    json("volume.list", 200, &Counted("volumes", &SHORT, "volumes_links")),
    json("volume.detail", 200, &Counted("volumes", &FULL, "volumes_links")),
    json("volume.summary", 200, &SUMMARY),
    json("volume.create", 202, &One("volume", &MADE)),
    json("volume.show", 200, &One("volume", &FULL)),
    json("volume.update", 200, &One("volume", &MADE)),
    empty("volume.delete", 202),
    json("volume.metadata.list", 200, &ALL_METADATA),
    json("volume.metadata.create", 200, &ALL_METADATA),
    json("volume.metadata.replace", 200, &ALL_METADATA),
    json("volume.metadata.show", 200, &ONE_PAIR),
    json("volume.metadata.set", 200, &ONE_PAIR),
    empty("volume.metadata.delete", 200),
    json("volume.encryption.list", 200, &ENCRYPTION),
    text("volume.encryption.show", 200),
    empty("volume.action.attach", 202),
    empty("volume.action.detach", 202),
    empty("volume.action.reserve", 202),
    empty("volume.action.unreserve", 202),
    empty("volume.action.begin_detaching", 202),
    empty("volume.action.roll_detaching", 202),
    json("volume.action.initialize_connection", 200, &CONNECTION),
    empty("volume.action.terminate_connection", 202),
    json("volume.action.upload_image", 202, &UPLOAD),
    empty("volume.action.extend", 202),
    empty("volume.action.retype", 202),
    empty("volume.action.reset_status", 202),
    empty("volume.action.force_delete", 202),
    empty("volume.action.force_detach", 202),
    empty("volume.action.unmanage", 202),
    empty("volume.action.readonly", 202),
    empty("volume.action.set_bootable", 200),
    json("volume.action.set_image_metadata", 200, &ALL_METADATA),
    empty("volume.action.unset_image_metadata", 200),
    json("volume.action.show_image_metadata", 200, &ALL_METADATA),
    empty("volume.action.revert", 202),
    empty("volume.action.reimage", 202),
    empty("volume.action.extend_completion", 202),
];
