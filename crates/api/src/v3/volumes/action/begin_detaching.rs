//! `os-begin_detaching`: a server is about to let go of a volume.

use ashlar_operations::attachments;
use http::StatusCode;

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::policy::Target;
use crate::request::Request;
use crate::v3::volumes::load;

pub(super) static BODY: Body =
    Body::new(&[(0, || pieces::action_without_value("os-begin_detaching"))]);

/// From in use to detaching.
pub(super) async fn begin_detaching(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    let target = Target::of(&volume.project_id, &volume.user_id);
    request.authorize_on(&target)?;
    attachments::begin_detaching(&request.app.operations, &request.caller, volume.id).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
