//! `delete` in `POST /groups/{group_id}/action`.

use ashlar_operations::delete_group;
use http::StatusCode;

use super::load;
use crate::answer::Answer;
use crate::body::pieces::truth;
use crate::endpoint::Outcome;
use crate::request::Request;

/// Accepts the removal of a group, with its volumes when `delete-volumes` says so.
pub(super) async fn delete(request: &Request) -> Outcome {
    let group = load::generic_row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&group))?;
    let with_volumes = request.object("delete").get("delete-volumes").and_then(truth);
    let (cx, caller) = (&request.app.operations, &request.caller);
    delete_group::accept(cx, caller, group.id, with_volumes == Some(true)).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
