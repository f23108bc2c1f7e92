//! `os-force_detach`: an administrator ends an attachment that the ordinary way does not end.

use ashlar_operations::attachments;
use http::StatusCode;
use serde_json::json;

use super::detach::named;
use super::initialize_connection::connector;
use super::terminate_connection::any_connector;
use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::policy::Target;
use crate::request::Request;
use crate::v3::volumes::load;

const ACTION: &str = "os-force_detach";
/// It does what these two do, so who may not do them may not do it.
const PARTS: [&str; 2] = [
    "volume_extension:volume_actions:terminate_connection",
    "volume_extension:volume_actions:detach",
];

pub(super) static BODY: Body = Body::new(&[(0, || {
    let properties = json!({
        "connector": any_connector(),
        "attachment_id": { "type": ["string", "null"] },
    });
    pieces::wrapped(ACTION, pieces::object(properties, &[]))
})]);

/// Disconnects the host, or every host, and drops the attachment that the body names, or the only one.
pub(super) async fn force_detach(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    let target = Target::of(&volume.project_id, &volume.user_id);
    request.authorize_on(&target)?;
    for rule in PARTS {
        request.require_on(rule, &target)?;
    }
    let (attachment, host) = (named(request, ACTION)?, connector(request, ACTION)?);
    let (cx, caller) = (&request.app.operations, &request.caller);
    attachments::force_detach(cx, caller, volume.id, attachment, host).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
