//! Finding the message that a URL names, for the caller who may see it.

use ashlar_db::{Tx, messages};
use ashlar_types::Message;

use crate::fault::Fault;
use crate::policy::Target;
use crate::request::Request;

/// The message `{message_id}`.
///
/// # Errors
/// 404 when it is not there or another project's.
pub async fn row(request: &Request, tx: &mut Tx) -> Result<Message, Fault> {
    let id = request.id("message_id", "Message")?;
    let caller = &request.caller;
    let project = (!caller.is_admin).then_some(caller.project_id.as_str());
    messages::get(tx, id, project)
        .await?
        .ok_or_else(|| Fault::not_found("Message", request.param("message_id")))
}

/// What a rule about the message may look at.
#[must_use]
pub fn target(message: &Message) -> Target<'_> {
    Target { project_id: Some(&message.project_id), ..Target::default() }
}
