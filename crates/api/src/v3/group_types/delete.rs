//! `DELETE /group_types/{group_type_id}`.

use ashlar_db::group_types::{self, Destroyed, Visibility};
use ashlar_db::{Tx, transact};
use ashlar_operations::notify::events;
use ashlar_types::{GroupTypeId, Timestamp};
use http::StatusCode;
use serde_json::json;

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, TxFault};
use crate::letters;
use crate::request::Request;

/// Removes a type that no group is of.
pub(super) async fn delete(request: &Request) -> Outcome {
    let id = load::id(request)?;
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let removed: Result<(), TxFault> = transact!(db, tx => remove(request, tx, id, now).await);
    removed?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

async fn remove(
    request: &Request,
    tx: &mut Tx,
    id: GroupTypeId,
    now: Timestamp,
) -> Result<(), TxFault> {
    let found = group_types::get(tx, id, &Visibility::All).await?;
    match group_types::destroy(tx, id, now).await? {
        Destroyed::Done => {
            let told = || json!({ "group_types": found.as_ref().map(letters::group_type) });
            Ok(letters::plain(request, tx, events::GROUP_TYPE_DELETE, told).await?)
        }
        Destroyed::InUse => Err(Fault::bad_request(format!(
            "Target group type is still in use. Group Type {id} deletion is not allowed with groups \
             present with the type."
        ))
        .into()),
        Destroyed::Gone => Err(load::missing(&id.to_string()).into()),
    }
}
