//! `POST /consistencygroups/{id}/delete`.

use ashlar_operations::delete_group;
use http::StatusCode;

use crate::answer::Answer;
use crate::body::pieces::truth;
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::groups::load;

/// Accepts the removal of a group, with its volumes when `force` says so.
pub(super) async fn delete(request: &Request) -> Outcome {
    let group =
        load::named(request, &mut request.app.db.read().await?, request.param("id")).await?;
    request.authorize_on(&load::target(&group))?;
    let force = request.body.get("consistencygroup").and_then(|inner| inner.get("force"));
    let with_volumes = force.and_then(truth) == Some(true);
    let (cx, caller) = (&request.app.operations, &request.caller);
    delete_group::accept(cx, caller, group.id, with_volumes).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
