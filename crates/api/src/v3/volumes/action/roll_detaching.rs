//! `os-roll_detaching`: a server did not let go of a volume after all.

use ashlar_operations::attachments;
use http::StatusCode;

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::policy::Target;
use crate::request::Request;
use crate::v3::volumes::load;

pub(super) static BODY: Body =
    Body::new(&[(0, || pieces::action_without_value("os-roll_detaching"))]);

/// From detaching back to in use; from anything else nothing happens, without an error.
pub(super) async fn roll_detaching(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    let target = Target::of(&volume.project_id, &volume.user_id);
    request.authorize_on(&target)?;
    attachments::roll_detaching(&request.app.operations, &request.caller, volume.id).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
