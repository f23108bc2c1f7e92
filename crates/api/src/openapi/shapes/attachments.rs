//! Attachments. They are the same at every microversion.

use ashlar_types::AttachStatus;

use super::Kind::{Any, List, Map, Named, Object, One, Text, Uuid, Words};
use super::{Field, Kind, MAYBE_TEXT, field};
use crate::openapi::answers::{Answer, empty, json};

const SHORT: &[Field] = &[
    field("id", Uuid),
    field("status", Words(|| AttachStatus::ALL.iter().map(|status| status.as_str()).collect())),
    field("instance", MAYBE_TEXT),
    field("volume_id", Uuid),
];

const MORE: &[Field] = &[
    // an empty text for never
    field("attached_at", Text),
    field("detached_at", Text),
    field("attach_mode", MAYBE_TEXT),
    field("connection_info", Map(&Any)),
];

static IN_LIST: Kind = Named("AttachmentInList", &Object(&[SHORT]));
static FULL: Kind = Named("Attachment", &Object(&[SHORT, MORE]));

/// Answers. No link leads to the next page.
pub static ANSWERS: &[Answer] = &[
    json("attachment.list", 200, &One("attachments", &List(&IN_LIST))),
    json("attachment.detail", 200, &One("attachments", &List(&FULL))),
    json("attachment.create", 200, &One("attachment", &FULL)),
    json("attachment.show", 200, &One("attachment", &FULL)),
    json("attachment.update", 200, &One("attachment", &FULL)),
    // those that are left on the volume
    json("attachment.delete", 200, &One("attachments", &List(&IN_LIST))),
    empty("attachment.action.complete", 204),
];
