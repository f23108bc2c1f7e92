//! `POST /attachments/{attachment_id}/action` with `os-complete` (3.44): the server has the volume.

use ashlar_operations::attachments;
use http::StatusCode;

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// The attachment is attached and its volume in use from now on.
pub(super) async fn complete(request: &Request) -> Outcome {
    let attachment = load::detail(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&attachment))?;
    let (cx, caller) = (&request.app.operations, &request.caller);
    attachments::complete(cx, caller, attachment.attachment.id).await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}
