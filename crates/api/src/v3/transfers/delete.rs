//! `DELETE /volume-transfers/{transfer_id}`: the offer is taken back.

use ashlar_operations::transfers;
use http::StatusCode;

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::volumes::load::target;

/// Takes the offer back; the volume is available again.
pub(super) async fn delete(request: &Request) -> Outcome {
    let volume = load::volume(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&target(&volume))?;
    let id = load::id(request)?;
    transfers::withdraw(&request.app.operations, &request.caller, id).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
