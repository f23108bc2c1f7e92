//! `os-reserve`: keep a volume for an attachment that is about to come.

use ashlar_operations::attachments;
use http::StatusCode;

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::policy::Target;
use crate::request::Request;
use crate::v3::volumes::load;

pub(super) static BODY: Body = Body::new(&[(0, || pieces::action_without_value("os-reserve"))]);

/// From available, or in use when several may have it, to attaching.
pub(super) async fn reserve(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    let target = Target::of(&volume.project_id, &volume.user_id);
    request.authorize_on(&target)?;
    attachments::reserve(&request.app.operations, &request.caller, volume.id).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
