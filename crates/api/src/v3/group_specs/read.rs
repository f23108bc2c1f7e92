//! Reading specs: all of them, or one.

use serde_json::json;

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind};
use crate::request::Request;
use crate::v3::group_types::load;

/// `GET /group_types/{group_type_id}/group_specs`.
pub(super) async fn list(request: &Request) -> Outcome {
    let found = load::one(request, &mut request.app.db.read().await?).await?;
    Ok(Answer::ok(&json!({ "group_specs": found.group_specs })))
}

/// `GET /group_types/{group_type_id}/group_specs/{key}`: the one pair, bare.
pub(super) async fn show(request: &Request) -> Outcome {
    let found = load::one(request, &mut request.app.db.read().await?).await?;
    let (id, key) = (found.id, request.param("key"));
    match found.group_specs.get(key) {
        Some(value) => Ok(Answer::ok(&json!({ key: value }))),
        None => Err(Fault::new(
            FaultKind::NotFound,
            format!("Group Type {id} has no extra spec with key {key}."),
        )),
    }
}
