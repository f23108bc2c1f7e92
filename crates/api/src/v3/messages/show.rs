//! `GET /messages/{message_id}`.

use serde_json::json;

use super::{load, view};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// One message.
pub(super) async fn show(request: &Request) -> Outcome {
    let message = load::row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&message))?;
    Ok(Answer::ok(&json!({ "message": view::view(&message, request) })))
}
