//! `os-force_delete`: remove a volume from any status. The other conditions hold all the same.

use ashlar_operations::delete_volume::{self, How};
use http::StatusCode;

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::volumes::load;

pub(super) static BODY: Body =
    Body::new(&[(0, || pieces::action_without_value("os-force_delete"))]);

/// Accepts the removal.
pub(super) async fn force_delete(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&volume))?;
    request.require_on("volume:delete", &load::target(&volume))?;
    let how = How { cascade: false, force: true };
    delete_volume::accept(&request.app.operations, &request.caller, volume.id, how).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
