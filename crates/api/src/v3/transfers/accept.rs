//! `POST /volume-transfers/{transfer_id}/accept`.

use ashlar_operations::transfers;
use http::StatusCode;
use serde_json::Value;

use super::load;
use super::view::{self, Wrapped};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// The volume becomes the caller's project's, whoever offers it, if the key is right.
pub(super) async fn accept(request: &Request) -> Outcome {
    let key = match request.object("accept").get("auth_key") {
        Some(Value::String(text)) => text.clone(),
        Some(number) => number.to_string(),
        None => String::new(),
    };
    let id = load::id(request)?;
    let taken = transfers::accept(&request.app.operations, &request.caller, id, &key).await?;
    let body = Wrapped::from(view::brief(request, &taken));
    Ok(Answer::json(StatusCode::ACCEPTED, &body))
}
