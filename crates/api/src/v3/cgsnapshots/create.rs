//! `POST /cgsnapshots`.

use ashlar_operations::create_group_snapshot;
use serde_json::Value;

use super::view::{brief, wrapped};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::groups;
use crate::v3::groups::create::trimmed;

/// Accepts a snapshot of every volume of a group of whatever type.
pub(super) async fn create(request: &Request) -> Outcome {
    let wish = request.object("cgsnapshot");
    let named = wish.get("consistencygroup_id").and_then(Value::as_str).unwrap_or_default();
    let group = groups::load::named(request, &mut request.app.db.read().await?, named).await?;
    request.authorize_on(&groups::load::target(&group))?;
    let asked = create_group_snapshot::Request {
        group_id: group.id,
        name: trimmed(wish, "name"),
        description: trimmed(wish, "description"),
    };
    let (cx, caller) = (&request.app.operations, &request.caller);
    let made = create_group_snapshot::accept(cx, caller, asked).await?;
    Ok(Answer::accepted(&wrapped(brief(&made))))
}
