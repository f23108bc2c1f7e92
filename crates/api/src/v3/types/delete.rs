//! `DELETE /types/{type_id}`.

use ashlar_db::volume_types::{self, Destroyed};
use ashlar_db::{Tx, transact};
use ashlar_types::{Timestamp, VolumeTypeId};
use http::StatusCode;

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, TxFault};
use crate::request::Request;

/// Removes a type that nothing is of and that is nobody's default.
pub(super) async fn delete(request: &Request) -> Outcome {
    let id = load::id(request)?;
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let default = &request.app.operations.settings.default_volume_type;
    let removed: Result<(), TxFault> = transact!(db, tx => remove(tx, id, default, now).await);
    removed?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

async fn remove(
    tx: &mut Tx,
    id: VolumeTypeId,
    configured_default: &str,
    now: Timestamp,
) -> Result<(), TxFault> {
    let found = volume_types::get(tx, id).await?.ok_or_else(|| load::missing(&id.to_string()))?;
    let of_projects = volume_types::defaults(tx).await?;
    if found.name == configured_default || of_projects.iter().any(|(_, default)| *default == id) {
        return Err(refused(format!(
            "The volume type {id} is a default volume type and cannot be deleted."
        )));
    }
    match volume_types::destroy(tx, id, now).await? {
        Destroyed::Done => Ok(()),
        Destroyed::InUse => Err(refused("Target volume type is still in use.".to_owned())),
        Destroyed::Last => Err(refused(format!(
            "The volume type {id} is the only currently defined volume type and cannot be deleted."
        ))),
        Destroyed::Gone => Err(load::missing(&id.to_string()).into()),
    }
}

fn refused(reason: String) -> TxFault {
    Fault::bad_request(reason).into()
}
