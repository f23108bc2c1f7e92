//! What is there to run the house: services, hosts, pools, zones, filters, extensions.

use super::Kind::{Any, Bool, Either, List, Map, Named, Object, One, Or, Text, Words};
use super::{Field, Kind, MAYBE_TEXT, MAYBE_TIME, field};
use crate::openapi::answers::{Answer, empty, json};

static SERVICE: Kind = Named("Service", &Object(&[SERVICE_FIELDS]));
const SERVICE_FIELDS: &[Field] = &[
    field("binary", Text),
    field("host", Text),
    field("zone", Text),
    field("status", Words(|| vec!["enabled", "disabled"])),
    field("state", Words(|| vec!["up", "down"])),
    field("updated_at", MAYBE_TIME),
    field("disabled_reason", MAYBE_TEXT),
    field("cluster", MAYBE_TEXT).since(7),
    // only of volume services
    field("backend_state", MAYBE_TEXT).since(49).sometimes(),
    field("replication_status", MAYBE_TEXT).sometimes(),
    field("active_backend_id", MAYBE_TEXT).sometimes(),
    field("frozen", Bool).sometimes(),
];

const SWITCHED: &[Field] = &[
    field("host", Text),
    field("service", Text),
    field("binary", Text),
    field("status", Words(|| vec!["enabled", "disabled"])),
    field("disabled", Bool),
];
const REASON: &[Field] = &[field("disabled_reason", MAYBE_TEXT)];

static HOST: Kind = Object(&[HOST_FIELDS]);
const HOST_FIELDS: &[Field] = &[
    field("host_name", Text),
    field("service", Text),
    field("zone", Text),
    field("service-status", Words(|| vec!["available", "unavailable"])),
    field("service-state", Words(|| vec!["enabled"])),
    field("last-update", MAYBE_TIME),
];

static ON_HOST: Kind = One("resource", &Object(&[ON_HOST_FIELDS]));
const ON_HOST_FIELDS: &[Field] = &[
    field("host", Text),
    field("project", Text),
    field("volume_count", Text),
    field("total_volume_gb", Text),
    field("snapshot_count", Text),
    field("total_snapshot_gb", Text),
];

/// Nothing when nothing was asked for.
static HOST_SWITCHED: Kind = Either(&[Object(&[HOST_SWITCHED_FIELDS]), Object(&[])]);
const HOST_SWITCHED_FIELDS: &[Field] =
    &[field("host", Text), field("status", Words(|| vec!["enabled", "disabled"]))];

static POOL: Kind = Object(&[POOL_FIELDS]);
const POOL_FIELDS: &[Field] = &[field("name", Text), field("capabilities", Map(&Any)).sometimes()];

static CAPABILITIES: Kind = Object(&[CAPABILITIES_FIELDS]);
const CAPABILITIES_FIELDS: &[Field] = &[
    field("namespace", Text),
    field("vendor_name", MAYBE_TEXT),
    field("volume_backend_name", MAYBE_TEXT),
    field("pool_name", MAYBE_TEXT),
    field("driver_version", MAYBE_TEXT),
    field("storage_protocol", Any),
    field("display_name", MAYBE_TEXT),
    field("description", MAYBE_TEXT),
    field("visibility", MAYBE_TEXT),
    field("replication_targets", Or(&List(&Any))),
    field("properties", Map(&Object(&[PROPERTY]))),
];
const PROPERTY: &[Field] = &[field("title", Text), field("description", Text), field("type", Text)];

static ZONE: Kind = Object(&[ZONE_FIELDS]);
const ZONE_FIELDS: &[Field] =
    &[field("zoneName", Text), field("zoneState", One("available", &Bool))];

static FILTERS: Kind = Object(&[FILTERS_FIELDS]);
const FILTERS_FIELDS: &[Field] = &[field("resource", Text), field("filters", List(&Text))];

static EXTENSION: Kind = Named("Extension", &Object(&[EXTENSION_FIELDS]));
const EXTENSION_FIELDS: &[Field] = &[
    field("alias", Text),
    field("name", Text),
    field("updated", Text),
    field("description", Text),
    field("links", List(&Any)),
];

/// Answers.
pub static ANSWERS: &[Answer] = &[
    json("service.list", 200, &One("services", &List(&SERVICE))),
    json("service.enable", 200, &Object(&[SWITCHED])),
    json("service.disable", 200, &Object(&[SWITCHED])),
    json("service.disable_log_reason", 200, &Object(&[SWITCHED, REASON])),
    empty("service.freeze", 200),
    empty("service.thaw", 200),
    json("pool.list", 200, &One("pools", &List(&POOL))),
    json("capabilities.show", 200, &CAPABILITIES),
    json("host.list", 200, &One("hosts", &List(&HOST))),
    json("host.show", 200, &One("host", &List(&ON_HOST))),
    json("host.update", 200, &HOST_SWITCHED),
    json("az.list", 200, &One("availabilityZoneInfo", &List(&ZONE))),
    json("resource_filters.list", 200, &One("resource_filters", &List(&FILTERS))),
    json("extension.list", 200, &One("extensions", &List(&EXTENSION))),
    json("extension.show", 200, &One("extension", &EXTENSION)),
];
