//! The actions of `POST /groups/{group_id}/action` about replication. Only groups whose type asks for it take them.

use ashlar_operations::replicate_group::{self, Deed};
use http::StatusCode;
use serde_json::json;

use super::load;
use crate::answer::Answer;
use crate::body::pieces::truth;
use crate::endpoint::Outcome;
use crate::request::Request;

/// `enable_replication`.
pub(super) async fn enable(request: &Request) -> Outcome {
    accept(request, Deed::Enable).await
}

/// `disable_replication`.
pub(super) async fn disable(request: &Request) -> Outcome {
    accept(request, Deed::Disable).await
}

/// `failover_replication`. To which side is the driver's business.
pub(super) async fn failover(request: &Request) -> Outcome {
    let wish = request.object("failover_replication");
    let allow_attached = wish.get("allow_attached_volume").and_then(truth) == Some(true);
    accept(request, Deed::Failover { allow_attached }).await
}

async fn accept(request: &Request, deed: Deed) -> Outcome {
    let group = load::row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&group))?;
    let (cx, caller) = (&request.app.operations, &request.caller);
    replicate_group::accept(cx, caller, group.id, deed).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

/// `list_replication_targets`: no backend of this release has any.
pub(super) async fn list_targets(request: &Request) -> Outcome {
    let mut tx = request.app.db.read().await?;
    let group = load::row(request, &mut tx).await?;
    request.authorize_on(&load::target(&group))?;
    replicate_group::ensure_replicated(&mut tx, &group).await?;
    Ok(Answer::ok(&json!({ "replication_targets": [] })))
}
