//! Changing specs: adding some, setting one, removing one.

use ashlar_db::{Tx, group_types, transact};
use ashlar_operations::notify::events::{self, Event};
use ashlar_types::Timestamp;
use ashlar_types::volume_type::ExtraSpecs;
use http::StatusCode;
use serde_json::json;

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind, TxFault};
use crate::letters;
use crate::request::Request;
use crate::v3::group_types::load;
use crate::v3::types::body::specs;

/// `POST /group_types/{group_type_id}/group_specs`: sets these and leaves the others. The answer is the body.
pub(super) async fn merge(request: &Request) -> Outcome {
    store(request, &specs(request.object("group_specs")), events::GROUP_SPECS_CREATE).await?;
    Ok(Answer::accepted(&request.body))
}

/// `PUT /group_types/{group_type_id}/group_specs/{key}`. The answer is the body.
pub(super) async fn set(request: &Request) -> Outcome {
    let pairs = request.body.as_object().map(specs).unwrap_or_default();
    // Cinder looks for the type first: a type that is not there is 404 whatever the body says.
    load::one(request, &mut request.app.db.read().await?).await?;
    if !pairs.contains_key(request.param("key")) {
        return Err(Fault::bad_request("Request body and URI mismatch"));
    }
    store(request, &pairs, events::GROUP_SPECS_UPDATE).await?;
    Ok(Answer::ok(&request.body))
}

/// `DELETE /group_types/{group_type_id}/group_specs/{key}`.
pub(super) async fn remove(request: &Request) -> Outcome {
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let removed: Result<(), TxFault> = transact!(db, tx => drop_one(request, tx, now).await);
    removed?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

async fn store(request: &Request, pairs: &ExtraSpecs, event: Event) -> Result<(), Fault> {
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let stored: Result<(), TxFault> = transact!(db, tx => async {
        let found = load::one(request, tx).await?;
        group_types::lock(tx, found.id).await?;
        group_types::merge_specs(tx, found.id, pairs, now).await?;
        let told = || match event {
            events::GROUP_SPECS_CREATE => json!({ "type_id": found.id, "specs": pairs }),
            _ => json!({ "type_id": found.id, "id": request.param("key") }),
        };
        Ok(letters::plain(request, tx, event, told).await?)
    }.await);
    Ok(stored?)
}

async fn drop_one(request: &Request, tx: &mut Tx, now: Timestamp) -> Result<(), TxFault> {
    let found = load::one(request, tx).await?;
    let (id, key) = (found.id, request.param("key"));
    group_types::lock(tx, id).await?;
    if group_types::remove_spec(tx, id, key, now).await? {
        let told = || json!({ "type_id": id, "id": key });
        return Ok(letters::plain(request, tx, events::GROUP_SPECS_DELETE, told).await?);
    }
    let message = format!("Group Type {id} has no specs with key {key}.");
    Err(Fault::new(FaultKind::NotFound, message).into())
}
