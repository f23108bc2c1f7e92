//! `DELETE /snapshots/{snapshot_id}`.

use ashlar_operations::delete_snapshot;
use http::StatusCode;

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// Accepts the removal of a snapshot that is available or in error.
pub(super) async fn delete(request: &Request) -> Outcome {
    let snapshot = load::row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&snapshot))?;
    let (cx, caller) = (&request.app.operations, &request.caller);
    delete_snapshot::accept(cx, caller, snapshot.id, false).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
