//! Transfers of volumes to other projects, on both paths.

use super::Kind::{Bool, List, Named, Object, One, Page, Text, Uuid};
use super::{Field, Kind, LINKS, MAYBE_TEXT, MAYBE_TIME, field};
use crate::openapi::answers::{Answer, empty, json};

const SHORT_FIELDS: &[Field] = &[
    field("id", Uuid),
    field("volume_id", Uuid),
    field("name", MAYBE_TEXT),
    field("links", LINKS),
];
const MORE: &[Field] = &[
    field("created_at", MAYBE_TIME),
    field("no_snapshots", Bool).since(55),
    field("source_project_id", MAYBE_TEXT).since(57),
    field("destination_project_id", MAYBE_TEXT).since(57),
    field("accepted", Bool).since(57),
];

static SHORT: Kind = Named("TransferInList", &Object(&[SHORT_FIELDS]));
static FULL: Kind = Named("Transfer", &Object(&[SHORT_FIELDS, MORE]));
/// With the key, which is told once.
static MADE: Kind =
    Named("TransferMade", &Object(&[SHORT_FIELDS, MORE, &[field("auth_key", Text)]]));

/// Answers.
pub static ANSWERS: &[Answer] = &[
    json("transfer.list", 200, &Page("transfers", &SHORT, "transfers_links")),
    json("transfer.detail", 200, &Page("transfers", &FULL, "transfers_links")),
    json("transfer.create", 202, &One("transfer", &MADE)),
    json("transfer.show", 200, &One("transfer", &FULL)),
    json("transfer.accept", 202, &One("transfer", &SHORT)),
    empty("transfer.delete", 202),
    json("transfer-legacy.list", 200, &One("transfers", &List(&SHORT))),
    json("transfer-legacy.detail", 200, &One("transfers", &List(&FULL))),
    json("transfer-legacy.create", 202, &One("transfer", &MADE)),
    json("transfer-legacy.show", 200, &One("transfer", &FULL)),
    json("transfer-legacy.accept", 202, &One("transfer", &SHORT)),
    empty("transfer-legacy.delete", 202),
];
