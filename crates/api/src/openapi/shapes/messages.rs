//! Messages to users.

use super::Kind::{Named, Object, One, Page, Text, Time, Uuid};
use super::{Field, Kind, LINKS, MAYBE_TEXT, MAYBE_TIME, field};
use crate::openapi::answers::{Answer, empty, json};

static MESSAGE: Kind = Named("Message", &Object(&[MESSAGE_FIELDS]));
const MESSAGE_FIELDS: &[Field] = &[
    field("id", Uuid),
    field("event_id", Text),
    field("user_message", Text),
    field("message_level", Text),
    field("created_at", Time),
    field("guaranteed_until", MAYBE_TIME),
    field("request_id", MAYBE_TEXT),
    field("links", LINKS),
    field("resource_type", Text).sometimes(),
    field("resource_uuid", Text).sometimes(),
];

/// Answers.
pub static ANSWERS: &[Answer] = &[
    json("message.list", 200, &Page("messages", &MESSAGE, "messages_links")),
    json("message.show", 200, &One("message", &MESSAGE)),
    empty("message.delete", 204),
];
