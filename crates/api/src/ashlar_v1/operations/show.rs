//! `GET /ashlar/v1/operations/{operation_id}`.

use ashlar_db::flows;
use ashlar_operations::standing;
use ashlar_types::FlowId;
use serde_json::json;

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;

/// One operation with its tasks and its log. One that ended is known for a day.
pub(super) async fn show(request: &Request) -> Outcome {
    let id: FlowId = request.id("operation_id", "Operation")?;
    let found = flows::get(&mut request.app.db.read().await?, id).await?;
    let flow = found.ok_or_else(|| Fault::not_found("Operation", id))?;
    Ok(Answer::ok(&json!({ "operation": standing::full(&flow) })))
}
