//! Taking an offer back: the volume is `available` again.

use ashlar_db::{Tx, transact, transfers, volumes};
use ashlar_types::{Caller, Timestamp, TransferId, VolumeStatus};

use super::missing;
use crate::notify::{By, From, Letters, events};
use crate::{ApiContext, Refusal};

/// Takes the offer back. A volume that no longer awaits it keeps its status, as in Cinder.
///
/// # Errors
/// 404.
pub async fn withdraw(cx: &ApiContext, caller: &Caller, id: TransferId) -> Result<(), Refusal> {
    let now = cx.clock.now();
    transact!(cx.db, tx => store(cx, tx, caller, id, now).await)
}

async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    id: TransferId,
    now: Timestamp,
) -> Result<(), Refusal> {
    let transfer = transfers::get(tx, id, None).await?.ok_or_else(|| missing(id))?;
    let volume = volumes::get_for_update(tx, transfer.volume_id).await?;
    let volume =
        volume.filter(|volume| caller.may_see(&volume.project_id)).ok_or_else(|| missing(id))?;
    let mut letters = Letters::new(&cx.settings, now);
    letters.volume(tx, volume.id, From::Here, &[events::TRANSFER_DELETE_START]).await?;
    if !transfers::destroy(tx, id, now).await? {
        return Err(missing(id));
    }
    let (from, to) = (&[VolumeStatus::AwaitingTransfer], VolumeStatus::Available);
    volumes::transition(tx, volume.id, from, to, now).await?;
    letters.volume(tx, volume.id, From::Here, &[events::TRANSFER_DELETE_END]).await?;
    Ok(letters.post(tx, &By::caller(caller), now).await?)
}
