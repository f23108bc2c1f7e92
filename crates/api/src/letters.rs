//! What a request does, told in notifications: within its transaction, or of its own where it is refused.

use std::sync::Arc;

use ashlar_db::{DbError, Tx, transact};
use ashlar_operations::notify::events::Event;
use ashlar_operations::notify::{By, Letters};
use ashlar_types::{GroupType, Timestamp, VolumeType};
use serde_json::{Value, json};

use crate::request::Request;

/// None yet, at the request's transaction's moment.
pub(crate) fn new(request: &Request, now: Timestamp) -> Letters<'_> {
    Letters::new(&request.app.operations.settings, now)
}

/// Writes them in the transaction.
///
/// # Errors
/// [`DbError`].
pub(crate) async fn post(
    request: &Request,
    tx: &mut Tx,
    letters: Letters<'_>,
    now: Timestamp,
) -> Result<(), DbError> {
    if letters.is_empty() {
        return Ok(());
    }
    letters.post(tx, &By::caller(&request.caller), now).await
}

/// Tells of one thing in the transaction, for which nothing need be looked up.
///
/// # Errors
/// [`DbError`].
pub(crate) async fn plain(
    request: &Request,
    tx: &mut Tx,
    event: Event,
    payload: impl FnOnce() -> Value,
) -> Result<(), DbError> {
    let now = request.app.clock.now();
    let mut letters = new(request, now);
    letters.plain(event, payload);
    post(request, tx, letters, now).await
}

/// Tells that something was refused, which has no transaction of its own. That this fails is said in the log and changes
/// nothing for the caller.
pub(crate) async fn refused(request: &Request, event: Event, payload: impl FnOnce() -> Value) {
    let settings = Arc::clone(&request.app.operations.settings);
    if !settings.notifications {
        return;
    }
    let (db, by) = (request.app.db.clone(), By::caller(&request.caller));
    let (now, payload) = (request.app.clock.now(), payload());
    // In a task of its own: the request was not carried out, whatever is committed here.
    let written = tokio::spawn(async move {
        let written: Result<(), DbError> = transact!(db, tx => async {
            let mut letters = Letters::new(&settings, now);
            letters.plain(event, || payload.clone());
            letters.post(tx, &by, now).await
        }.await);
        written
    });
    if let Ok(Err(error)) = written.await {
        tracing::warn!(%error, event = event.name, "a notification could not be stored");
    }
}

/// A type under the names that Cinder's own functions have for it.
pub(crate) fn volume_type(found: &VolumeType) -> Value {
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "id": found.id,
        "name": found.name,
        "description": found.description,
        "is_public": found.is_public,
        "qos_specs_id": found.qos_specs_id,
        "extra_specs": found.extra_specs,
        "created_at": moment(found.created_at),
        "updated_at": moment(found.updated_at),
        "deleted": false,
        "deleted_at": null,
    })
}

/// A group type likewise.
pub(crate) fn group_type(found: &GroupType) -> Value {
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "id": found.id,
        "name": found.name,
        "description": found.description,
        "is_public": found.is_public,
        "group_specs": found.group_specs,
        "created_at": moment(found.created_at),
        "updated_at": moment(found.updated_at),
        "deleted": false,
        "deleted_at": null,
    })
}
