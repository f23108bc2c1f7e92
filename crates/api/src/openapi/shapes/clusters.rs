//! Clusters, cleaning up after services, what services log.

use super::Kind::{Bool, Int, List, Map, Named, Object, One, Text, Words};
use super::{Field, Kind, MAYBE_TEXT, field};
use crate::openapi::answers::{Answer, empty, json};

const SHORT_FIELDS: &[Field] = &[
    field("name", Text),
    field("binary", Text),
    field("state", Words(|| vec!["up", "down"])),
    field("status", Words(|| vec!["enabled", "disabled"])),
    field("replication_status", MAYBE_TEXT).since(26),
];
const MORE: &[Field] = &[
    field("num_hosts", Int),
    field("num_down_hosts", Int),
    // an empty text where there is no time
    field("last_heartbeat", Text),
    field("created_at", Text),
    field("updated_at", Text),
    field("disabled_reason", MAYBE_TEXT),
    field("frozen", Bool).since(26),
    field("active_backend_id", MAYBE_TEXT).since(26),
];
const REASON: &[Field] = &[field("disabled_reason", MAYBE_TEXT)];

static SHORT: Kind = Named("ClusterInList", &Object(&[SHORT_FIELDS]));
static FULL: Kind = Named("Cluster", &Object(&[SHORT_FIELDS, MORE]));
static SWITCHED: Kind = Object(&[SHORT_FIELDS, REASON]);

static SERVICES: Kind = List(&Object(&[SERVICE_FIELDS]));
const SERVICE_FIELDS: &[Field] = &[
    field("id", Int),
    field("host", Text),
    field("binary", Text),
    field("cluster_name", MAYBE_TEXT),
];
const CLEANED: &[Field] = &[
    field("cleaning", Named("ServicesToClean", &SERVICES)),
    field("unavailable", Named("ServicesToClean", &SERVICES)),
];

static LEVELS: Kind = Object(&[LEVELS_FIELDS]);
const LEVELS_FIELDS: &[Field] =
    &[field("host", Text), field("binary", Text), field("levels", Map(&Text))];

/// Answers.
pub static ANSWERS: &[Answer] = &[
    json("cluster.list", 200, &One("clusters", &List(&SHORT))),
    json("cluster.detail", 200, &One("clusters", &List(&FULL))),
    json("cluster.show", 200, &One("cluster", &FULL)),
    json("cluster.enable", 200, &One("cluster", &SWITCHED)),
    json("cluster.disable", 200, &One("cluster", &SWITCHED)),
    json("worker.cleanup", 202, &Object(&[CLEANED])),
    json("service.get_log", 200, &One("log_levels", &List(&LEVELS))),
    empty("service.set_log", 202),
    empty("service.failover_host", 202),
    empty("service.failover", 202),
];
