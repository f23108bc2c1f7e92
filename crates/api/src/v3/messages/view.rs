//! Messages as JSON.

use ashlar_types::{Message, MessageId};
use serde::Serialize;

use super::text;
use crate::links::Link;
use crate::request::Request;

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
    links: Vec<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_type: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_uuid: Option<&'m str>,
}

/// The message for who asks for it. Whoever may see operations is shown the way to those that led to it.
#[must_use]
pub fn view<'m>(message: &'m Message, request: &Request) -> MessageView<'m> {
    let links = request.links();
    let mut all = links.resource("messages", message.id).to_vec();
    if let Some(id) = message.resource_uuid.as_deref().filter(|id| !id.is_empty())
        && request.allows("ashlar:operations:list")
    {
        let href = format!("{}?resource_id={id}", links.operations());
        all.push(Link { rel: "operations", href });
    }
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
        links: all,
        resource_type: message.resource_type.as_deref().filter(|text| !text.is_empty()),
        resource_uuid: message.resource_uuid.as_deref().filter(|text| !text.is_empty()),
    }
}
