//! `PUT /attachments/{attachment_id}`: the host that the server runs on is known now.

use ashlar_operations::attachments;
use ashlar_types::Connector;

use super::load;
use super::view::Wrapped;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// Connects the host that the connector describes; the answer says how it reaches the volume.
pub(super) async fn update(request: &Request) -> Outcome {
    let attachment = load::detail(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&attachment))?;
    let wish = request.object("attachment");
    let connector = wish.get("connector").and_then(serde_json::Value::as_object).cloned();
    let connector = Connector(connector.unwrap_or_default());
    let (cx, caller) = (&request.app.operations, &request.caller);
    let changed = attachments::update(cx, caller, attachment.attachment.id, connector).await?;
    Ok(Answer::ok(&Wrapped::new(&changed)))
}
