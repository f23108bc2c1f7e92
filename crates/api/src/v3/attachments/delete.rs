//! `DELETE /attachments/{attachment_id}`.

use ashlar_operations::attachments;

use super::load;
use super::view::Listing;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// Disconnects and drops the attachment. The answer lists the attachments that the volume has left, so that the server
/// can tell whether the device is still somebody's.
pub(super) async fn delete(request: &Request) -> Outcome {
    let attachment = load::detail(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&attachment))?;
    let (cx, caller) = (&request.app.operations, &request.caller);
    let left = attachments::delete(cx, caller, attachment.attachment.id).await?;
    Ok(Answer::ok(&Listing::brief(&left)))
}
