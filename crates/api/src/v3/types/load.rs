//! Finding the type that a URL names, for the caller who may see it.

use ashlar_db::volume_types::{self, Visibility};
use ashlar_db::{DbError, Tx};
use ashlar_types::{Caller, VolumeType, VolumeTypeId};

use crate::fault::{Fault, TxFault};
use crate::request::Request;

/// What `caller` sees: an administrator every type, others public ones and those granted to their project.
#[must_use]
pub fn eyes(caller: &Caller) -> Visibility {
    if caller.is_admin { Visibility::All } else { Visibility::Project(caller.project_id.clone()) }
}

/// The identity `{type_id}`.
///
/// # Errors
/// 404 when it is none.
pub fn id(request: &Request) -> Result<VolumeTypeId, Fault> {
    request.id("type_id", "Volume type")
}

/// The type `{type_id}`.
///
/// # Errors
/// 404 when it is not there, or not for the caller's eyes.
pub async fn one(request: &Request, tx: &mut Tx) -> Result<VolumeType, TxFault> {
    let id = id(request)?;
    let found = volume_types::get_visible(tx, id, &eyes(&request.caller)).await?;
    found.ok_or_else(|| missing(request.param("type_id")).into())
}

/// The type named `asked`, by identity or by name, as [`eyes`] see it.
///
/// # Errors
/// 404 in the words for an identity or for a name; the database's failures.
pub async fn by_name_or_id(
    tx: &mut Tx,
    asked: &str,
    eyes: &Visibility,
) -> Result<VolumeType, TxFault> {
    let id: Option<VolumeTypeId> = asked.parse().ok();
    if let Some(id) = id
        && let Some(found) = volume_types::get_visible(tx, id, eyes).await?
    {
        return Ok(found);
    }
    // A name may look like an identity.
    let found = volume_types::get_by_name(tx, asked, eyes).await?;
    found.ok_or_else(|| {
        let kind = if id.is_some() { "Volume type" } else { "Volume type with name" };
        Fault::not_found(kind, asked).into()
    })
}

/// 404 for a type.
#[must_use]
pub fn missing(id: &str) -> Fault {
    Fault::not_found("Volume type", id)
}

/// 409 where the database found the name taken; its other failures as they are.
pub(super) fn taken(error: DbError, name: &str) -> TxFault {
    if error.is_duplicate() {
        Fault::conflict(format!("Volume Type {name} already exists.")).into()
    } else {
        error.into()
    }
}
