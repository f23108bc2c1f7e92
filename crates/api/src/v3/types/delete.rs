//! `DELETE /types/{type_id}`.

use ashlar_db::volume_types::{self, Destroyed};
use ashlar_db::{Tx, transact};
use ashlar_operations::notify::{self, events};
use ashlar_types::{Timestamp, VolumeTypeId};
use http::StatusCode;
use serde_json::json;

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind, TxFault};
use crate::letters;
use crate::request::Request;

/// Removes a type that nothing is of and that is nobody's default.
pub(super) async fn delete(request: &Request) -> Outcome {
    let id = load::id(request)?;
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let default = &request.app.operations.settings.default_volume_type;
    let removed: Result<(), TxFault> =
        transact!(db, tx => remove(request, tx, id, default, now).await);
    if let Err(TxFault::Refused(fault)) = &removed {
        tell_of_refusal(request, id, fault).await;
    }
    removed?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

/// Operators hear of a type that could not be removed, by Cinder's names for the reasons.
async fn tell_of_refusal(request: &Request, id: VolumeTypeId, fault: &Fault) {
    let is_gone = fault.kind() == FaultKind::NotFound;
    let class = match fault.message() {
        _ if is_gone => "VolumeTypeNotFound",
        text if text.contains("still in use") => "VolumeTypeInUse",
        text if text.contains("default") => "VolumeTypeDefaultDeletionError",
        _ => "VolumeTypeDeletionError",
    };
    let found = match request.app.db.read().await {
        Ok(mut tx) if !is_gone => volume_types::get(&mut tx, id).await.ok().flatten(),
        _ => None,
    };
    letters::refused(request, events::TYPE_DELETE_FAILED, || {
        json!({
            "volume_types": found.as_ref().map(letters::volume_type),
            "name": null,
            "id": is_gone.then_some(id),
            "error_message": notify::exception(class, fault.message()),
        })
    })
    .await;
}

async fn remove(
    request: &Request,
    tx: &mut Tx,
    id: VolumeTypeId,
    configured_default: &str,
    now: Timestamp,
) -> Result<(), TxFault> {
    let found = volume_types::get(tx, id).await?.ok_or_else(|| load::missing(&id.to_string()))?;
    let of_projects = volume_types::defaults(tx).await?;
    let is_default = || {
        let reason =
            format!("The volume type {id} is a default volume type and cannot be deleted.");
        refused(reason)
    };
    if found.name == configured_default || of_projects.iter().any(|(_, default)| *default == id) {
        return Err(is_default());
    }
    match volume_types::destroy(tx, id, now).await? {
        Destroyed::Done => {
            let told = || json!({ "volume_types": letters::volume_type(&found) });
            Ok(letters::plain(request, tx, events::TYPE_DELETE, told).await?)
        }
        Destroyed::InUse => Err(refused("Target volume type is still in use.".to_owned())),
        Destroyed::Default => Err(is_default()),
        Destroyed::Last => Err(refused(format!(
            "The volume type {id} is the only currently defined volume type and cannot be deleted."
        ))),
        Destroyed::Gone => Err(load::missing(&id.to_string()).into()),
    }
}

fn refused(reason: String) -> TxFault {
    Fault::bad_request(reason).into()
}
