//! `POST /group_snapshots`.

use ashlar_operations::create_group_snapshot;
use serde_json::Value;

use super::load;
use super::view::{accepted, wrapped};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::groups;

/// Accepts a snapshot of every volume of a group. They are taken after the answer has gone out.
pub(super) async fn create(request: &Request) -> Outcome {
    let wish = request.object("group_snapshot");
    let named = wish.get("group_id").and_then(Value::as_str).unwrap_or_default();
    let mut tx = request.app.db.read().await?;
    let group = groups::load::named(request, &mut tx, named).await?;
    load::refuse_reserved(&mut tx, group.group_type_id).await?;
    drop(tx);
    request.authorize_on(&groups::load::target(&group))?;
    let text = |key| wish.get(key).and_then(Value::as_str).map(str::to_owned);
    let asked = create_group_snapshot::Request {
        group_id: group.id,
        name: text("name"),
        description: text("description"),
    };
    let (cx, caller) = (&request.app.operations, &request.caller);
    let made = create_group_snapshot::accept(cx, caller, asked).await?;
    Ok(Answer::accepted(&wrapped(accepted(&made))))
}
