//! Finding the transfer that a URL names, for the caller who may see it.

use ashlar_db::{Tx, transfers, volumes};
use ashlar_types::{Transfer, TransferId, Volume};

use crate::fault::Fault;
use crate::request::Request;

/// The identity `{transfer_id}`.
///
/// # Errors
/// 404 when it is none.
pub fn id(request: &Request) -> Result<TransferId, Fault> {
    request.id("transfer_id", "Transfer")
}

/// The transfer `{transfer_id}`.
///
/// # Errors
/// 404 when it is not there, or its volume is another project's.
pub async fn one(request: &Request, tx: &mut Tx) -> Result<Transfer, Fault> {
    let (id, caller) = (id(request)?, &request.caller);
    let project = (!caller.is_admin).then_some(caller.project_id.as_str());
    let found = transfers::get(tx, id, project).await?;
    found.ok_or_else(|| missing(request.param("transfer_id")))
}

/// The volume that the transfer `{transfer_id}` offers.
///
/// # Errors
/// 404 as [`one`].
pub async fn volume(request: &Request, tx: &mut Tx) -> Result<Volume, Fault> {
    let transfer = one(request, tx).await?;
    let found = volumes::get(tx, transfer.volume_id).await?;
    found.ok_or_else(|| missing(request.param("transfer_id")))
}

/// 404 for a transfer.
pub(super) fn missing(id: &str) -> Fault {
    Fault::not_found("Transfer", id)
}
