//! `DELETE /cgsnapshots/{id}`.

use ashlar_operations::delete_group_snapshot;
use http::StatusCode;

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::group_snapshots::load;

/// Accepts the removal of a group snapshot of whatever type.
pub(super) async fn delete(request: &Request) -> Outcome {
    let found =
        load::named(request, &mut request.app.db.read().await?, request.param("id")).await?;
    request.authorize_on(&load::target(&found))?;
    let (cx, caller) = (&request.app.operations, &request.caller);
    delete_group_snapshot::accept(cx, caller, found.id).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
