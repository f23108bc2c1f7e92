//! Finding the attachment that a URL names, for the caller who may see it.

use ashlar_db::Tx;
use ashlar_db::attachments::{self, AttachmentDetail};

use crate::fault::{Fault, FaultKind};
use crate::policy::Target;
use crate::request::Request;

/// The attachment `{attachment_id}`.
///
/// # Errors
/// 404 when it is not there or its volume is another project's.
pub async fn detail(request: &Request, tx: &mut Tx) -> Result<AttachmentDetail, Fault> {
    let text = request.param("attachment_id");
    let Ok(id) = text.parse() else { return Err(not_found(text)) };
    let found = attachments::get(tx, id).await?;
    found.filter(|detail| request.caller.may_see(&detail.project_id)).ok_or_else(|| not_found(text))
}

/// What a rule about the attachment may look at.
#[must_use]
pub fn target(detail: &AttachmentDetail) -> Target<'_> {
    Target { project_id: Some(&detail.project_id), ..Target::default() }
}

/// 404 for an attachment of this identity.
#[must_use]
pub fn not_found(id: &str) -> Fault {
    let message =
        format!("Volume attachment could not be found with filter: attachment_id = {id}.");
    Fault::new(FaultKind::NotFound, message)
}
