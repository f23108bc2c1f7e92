//! `os-unmanage`: forget a volume, and leave what lies on its backend.

use ashlar_operations::unmanage_volume;
use http::StatusCode;

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::volumes::load;

pub(super) static BODY: Body = Body::new(&[(0, || pieces::action_without_value("os-unmanage"))]);

/// Accepts it.
pub(super) async fn unmanage(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&volume))?;
    // Cinder's code for it is that of a delete, and so is its second rule.
    request.require_on("volume:delete", &load::target(&volume))?;
    unmanage_volume::accept(&request.app.operations, &request.caller, volume.id).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
