//! `DELETE /messages/{message_id}`.

use ashlar_db::{DbError, messages, transact};
use http::StatusCode;

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;

/// Deletes one message.
pub(super) async fn delete(request: &Request) -> Outcome {
    let db = &request.app.db;
    let message = load::row(request, &mut db.read().await?).await?;
    request.authorize_on(&load::target(&message))?;
    let now = request.app.clock.now();
    let there: Result<bool, DbError> =
        transact!(db, tx => messages::destroy(tx, message.id, now).await);
    if there? {
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    } else {
        Err(Fault::not_found("Message", message.id))
    }
}
