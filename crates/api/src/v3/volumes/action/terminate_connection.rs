//! `os-terminate_connection`: a host no longer needs a volume.

use ashlar_operations::attachments;
use http::StatusCode;
use serde_json::{Value, json};

use super::initialize_connection::connector;
use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::policy::Target;
use crate::request::Request;
use crate::v3::volumes::load;

const ACTION: &str = "os-terminate_connection";

pub(super) static BODY: Body = Body::new(&[(0, || {
    pieces::wrapped(ACTION, pieces::object(json!({ "connector": any_connector() }), &["connector"]))
})]);

/// A connector, or nothing for every host.
pub(super) fn any_connector() -> Value {
    json!({ "type": ["string", "object", "null"] })
}

/// Disconnects the host that the connector describes, or every host. A volume that was only reserved is free then.
pub(super) async fn terminate_connection(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    let target = Target::of(&volume.project_id, &volume.user_id);
    request.authorize_on(&target)?;
    let host = connector(request, ACTION)?;
    let (cx, caller) = (&request.app.operations, &request.caller);
    attachments::terminate_connection(cx, caller, volume.id, host).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
