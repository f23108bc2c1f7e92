//! `DELETE /group_snapshots/{group_snapshot_id}`.

use ashlar_operations::delete_group_snapshot;
use http::StatusCode;

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// Accepts the removal of a group snapshot and its snapshots.
pub(super) async fn delete(request: &Request) -> Outcome {
    let found = load::generic_row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&found))?;
    let (cx, caller) = (&request.app.operations, &request.caller);
    delete_group_snapshot::accept(cx, caller, found.id).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
