//! Finding the group type that a URL names, for the caller who may see it.

use ashlar_db::group_types::{self, Visibility};
use ashlar_db::{DbError, Tx};
use ashlar_types::{GroupType, GroupTypeId};

use crate::fault::{Fault, TxFault};
use crate::request::Request;
use crate::v3::types::load::eyes;

/// The identity `{group_type_id}`.
///
/// # Errors
/// 404 when it is none.
pub fn id(request: &Request) -> Result<GroupTypeId, Fault> {
    request.id("group_type_id", "Group type")
}

/// The type `{group_type_id}`.
///
/// # Errors
/// 404 when it is not there, or not for the caller's eyes.
pub async fn one(request: &Request, tx: &mut Tx) -> Result<GroupType, TxFault> {
    let found = group_types::get(tx, id(request)?, &eyes(&request.caller)).await?;
    found.ok_or_else(|| missing(request.param("group_type_id")).into())
}

/// The type that `default_group_type` names.
///
/// # Errors
/// 404 when it names none, or none that is there.
pub async fn default(request: &Request, tx: &mut Tx) -> Result<GroupType, TxFault> {
    let found = match &request.app.operations.settings.default_group_type {
        Some(name) => group_types::get_by_name(tx, name, &Visibility::All).await?,
        None => None,
    };
    found.ok_or_else(|| {
        let message = "Default group type can not be found.";
        Fault::new(crate::fault::FaultKind::NotFound, message).into()
    })
}

/// 404 for a group type.
#[must_use]
pub fn missing(id: &str) -> Fault {
    Fault::not_found("Group type", id)
}

/// 409 where the database found the name taken; its other failures as they are.
pub(super) fn taken(error: DbError, name: &str) -> TxFault {
    if error.is_duplicate() {
        Fault::conflict(format!("Group Type {name} already exists.")).into()
    } else {
        error.into()
    }
}
