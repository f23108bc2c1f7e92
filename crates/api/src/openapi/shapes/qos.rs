//! QoS specs. They are the same at every microversion.

use super::Kind::{Any, List, Map, Named, Object, One, Page, Text, Uuid, Words};
use super::{Field, Kind, LINKS, SPECS, field};
use crate::openapi::answers::{Answer, empty, json};

static QOS: Kind = Named("QosSpecs", &Object(&[QOS_FIELDS]));
const QOS_FIELDS: &[Field] = &[
    field("id", Uuid),
    field("name", Text),
    field("consumer", Words(|| vec!["front-end", "back-end", "both"])),
    field("specs", SPECS),
];

/// The links stand beside the specs.
static WRAPPED: Kind = Object(&[WRAPPED_FIELDS]);
const WRAPPED_FIELDS: &[Field] =
    &[field("qos_specs", Named("QosSpecs", &Object(&[QOS_FIELDS]))), field("links", LINKS)];

static ASSOCIATION: Kind = Object(&[ASSOCIATION_FIELDS]);
const ASSOCIATION_FIELDS: &[Field] = &[
    field("association_type", Words(|| vec!["volume_type"])),
    field("name", Text),
    field("id", Uuid),
];

/// Answers.
pub static ANSWERS: &[Answer] = &[
    json("qos.list", 200, &Page("qos_specs", &QOS, "qos_specs_links")),
    json("qos.create", 200, &WRAPPED),
    json("qos.show", 200, &WRAPPED),
    // the request again
    json("qos.update", 200, &One("qos_specs", &Map(&Any))),
    empty("qos.delete", 202),
    empty("qos.delete_keys", 202),
    json("qos.associations", 200, &One("qos_associations", &List(&ASSOCIATION))),
    empty("qos.associate", 202),
    empty("qos.disassociate", 202),
    empty("qos.disassociate_all", 202),
];
