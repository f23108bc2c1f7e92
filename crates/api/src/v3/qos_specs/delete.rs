//! `DELETE /qos-specs/{qos_id}` and `PUT /qos-specs/{qos_id}/delete_keys`.

use ashlar_db::qos_specs::{self, Destroyed, Removed};
use ashlar_db::{DbError, transact};
use ashlar_operations::notify::events;
use ashlar_types::Timestamp;
use http::StatusCode;
use serde_json::{Value, json};

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind};
use crate::letters;
use crate::request::Request;

/// Removes specs that no type has; with `force=true` it takes them away from the types first.
pub(super) async fn delete(request: &Request) -> Outcome {
    let force = request.query.boolean("force", false)?;
    let id = load::id(request)?;
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let removed: Result<Destroyed, DbError> = transact!(db, tx => async {
            let made = qos_specs::get(tx, id).await?.and_then(|found| found.created_at);
            let done = qos_specs::destroy(tx, id, force, now).await?;
            if done == Destroyed::Done {
                let moment = |at: Timestamp| at.to_string();
                let told = || json!({
                    "id": id, "created_at": made.map(moment), "deleted_at": moment(now),
                });
                letters::plain(request, tx, events::QOS_DELETE, told).await?;
            }
            Ok::<_, DbError>(done)
        }.await);
    match removed? {
        Destroyed::Done => Ok(Answer::empty(StatusCode::ACCEPTED)),
        Destroyed::InUse => Err(Fault::bad_request("Qos specs still in use.")),
        Destroyed::Gone => Err(load::missing(id)),
    }
}

/// Removes keys. One that is not there is 404 and none is removed then; Cinder removes those before it.
pub(super) async fn delete_keys(request: &Request) -> Outcome {
    let id = load::id(request)?;
    let keys = request.body.get("keys").and_then(Value::as_array);
    let keys: Vec<&str> = keys.into_iter().flatten().filter_map(Value::as_str).collect();
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let removed: Result<Removed, DbError> = transact!(db, tx => async {
            let done = qos_specs::remove_keys(tx, id, &keys, now).await?;
            if matches!(done, Removed::Done) {
                let at = Some(("updated_at", json!(now.to_string())));
                load::tell(request, tx, events::QOS_DELETE_KEYS, id, [at]).await?;
            }
            Ok::<_, DbError>(done)
        }.await);
    match removed? {
        Removed::Done => Ok(Answer::empty(StatusCode::ACCEPTED)),
        Removed::Gone => Err(load::missing(id)),
        Removed::NoKey(key) => {
            let message = format!("QoS spec {id} has no spec with key {key}.");
            Err(Fault::new(FaultKind::NotFound, message))
        }
    }
}
