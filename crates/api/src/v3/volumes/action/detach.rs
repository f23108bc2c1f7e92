//! `os-detach`: the older way to record that a server or a host no longer has a volume.

use ashlar_operations::attachments;
use ashlar_types::AttachmentId;
use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::policy::Target;
use crate::request::Request;
use crate::v3::volumes::load;

const ACTION: &str = "os-detach";

pub(super) static BODY: Body = Body::new(&[(0, || {
    let mut inner = pieces::object(json!({ "attachment_id": pieces::optional_uuid() }), &[]);
    inner["type"] = json!(["object", "null"]);
    pieces::wrapped(ACTION, inner)
})]);

/// Drops the attachment that the body names, or the only one.
pub(super) async fn detach(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    let target = Target::of(&volume.project_id, &volume.user_id);
    request.authorize_on(&target)?;
    let attachment = named(request, ACTION)?;
    attachments::detach(&request.app.operations, &request.caller, volume.id, attachment).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

/// The attachment that the body of `action` names, if it names one.
///
/// # Errors
/// 400 for what can be no attachment's identity.
pub(super) fn named(request: &Request, action: &str) -> Result<Option<AttachmentId>, Fault> {
    let Some(text) = request.object(action).get("attachment_id").and_then(Value::as_str) else {
        return Ok(None);
    };
    let id = text.parse();
    id.map(Some).map_err(|_| Fault::invalid_input(format!("'{text}' is no attachment's identity.")))
}
