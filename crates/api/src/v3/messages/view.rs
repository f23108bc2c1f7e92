//! Messages as JSON.

use ashlar_types::{Message, MessageId};
use serde::Serialize;

use super::text;
use crate::links::{Link, Links};

/// One message.
#[derive(Serialize)]
pub struct MessageView<'m> {
    id: MessageId,
    event_id: &'m str,
    user_message: String,
    message_level: &'m str,
    created_at: String,
    guaranteed_until: Option<String>,
    request_id: Option<&'m str>,
    links: [Link; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_uuid: Option<&'m str>,
}

/// The message with links of the request that asks for it.
#[must_use]
pub fn view<'m>(message: &'m Message, links: &Links) -> MessageView<'m> {
    MessageView {
        id: message.id,
        event_id: &message.event_id,
        user_message: text::user_message(
            message.action_id.as_deref(),
            message.detail_id.as_deref(),
        ),
        message_level: &message.level,
        created_at: message.created_at.to_string(),
        guaranteed_until: message.expires_at.map(|at| at.to_string()),
        request_id: message.request_id.as_deref(),
        links: links.resource("messages", message.id),
        resource_type: message.resource_type.as_deref().filter(|text| !text.is_empty()),
        resource_uuid: message.resource_uuid.as_deref().filter(|text| !text.is_empty()),
    }
}
