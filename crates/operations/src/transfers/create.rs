//! Making an offer: the volume goes from `available` to `awaiting-transfer`.

use ashlar_db::transfers::{self, Seal};
use ashlar_db::{Moved, Tx, snapshots, transact, volumes};
use ashlar_types::{
    Caller, SnapshotStatus, Timestamp, Transfer, TransferId, Volume, VolumeId, VolumeStatus,
};

use super::{AuthKey, conditions};
use crate::notify::{By, From, Letters, events};
use crate::{ApiContext, Refusal};

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The volume.
    pub volume_id: VolumeId,
    /// Name of the offer.
    pub name: Option<String>,
    /// The snapshots stay with their owner.
    pub no_snapshots: bool,
    /// The client may know that encrypted volumes can be offered: microversion 3.70.
    pub may_be_encrypted: bool,
}

/// Makes the offer; answers it and its key, which is told here and never again.
///
/// # Errors
/// 404, or 400 when the volume or a snapshot of it is in no state for it; nothing is written.
pub async fn create(
    cx: &ApiContext,
    caller: &Caller,
    request: &Request,
) -> Result<(Transfer, AuthKey), Refusal> {
    let (id, key) = (TransferId::random(), AuthKey::fresh(cx.settings.transfer_key_length));
    let seal = key.seal(cx.settings.transfer_salt_length);
    let now = cx.db.engine().storable(cx.clock.now());
    let stored: Result<Transfer, Refusal> =
        transact!(cx.db, tx => store(cx, tx, caller, request, (id, &seal), now).await);
    Ok((stored?, key))
}

async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    request: &Request,
    (id, seal): (TransferId, &Seal),
    now: Timestamp,
) -> Result<Transfer, Refusal> {
    let volume = volumes::get_for_update(tx, request.volume_id).await?;
    let volume = volume
        .filter(|volume| caller.may_see(&volume.project_id))
        .ok_or_else(|| Refusal::no_volume(request.volume_id))?;
    check(&volume, request)?;
    if !request.no_snapshots {
        let all = snapshots::of_volume(tx, volume.id).await?;
        conditions::check_snapshots(&volume, &all)?;
        if let Some(busy) = all.iter().find(|it| it.status != SnapshotStatus::Available) {
            return Err(Refusal::invalid_snapshot(format!(
                "snapshot: {} status must be available",
                busy.id
            )));
        }
    }
    conditions::ensure_unconnected(tx, &volume).await?;
    let mut letters = Letters::new(&cx.settings, now);
    letters.volume(tx, volume.id, From::Here, &[events::TRANSFER_CREATE_START]).await?;
    let (from, to) = (&[VolumeStatus::Available], VolumeStatus::AwaitingTransfer);
    match volumes::transition(tx, volume.id, from, to, now).await? {
        Moved::Done => {}
        Moved::Gone => return Err(Refusal::no_volume(volume.id)),
        Moved::Refused { .. } => return Err(must_be_available()),
    }
    let transfer = Transfer {
        id,
        volume_id: volume.id,
        name: request.name.clone(),
        no_snapshots: request.no_snapshots,
        source_project_id: Some(volume.project_id),
        destination_project_id: None,
        accepted: false,
        created_at: Some(now),
    };
    transfers::insert(tx, &transfer, seal, now).await?;
    let end = [events::TRANSFER_CREATE_END];
    letters.volume(tx, transfer.volume_id, From::Here, &end).await?;
    letters.post(tx, &By::caller(caller), now).await?;
    Ok(transfer)
}

/// The volume by itself can be offered. Cinder answers 400 otherwise.
fn check(volume: &Volume, request: &Request) -> Result<(), Refusal> {
    if volume.status != VolumeStatus::Available {
        return Err(must_be_available());
    }
    conditions::check_ungrouped(volume)?;
    if volume.encryption_key_id.is_none() {
        return Ok(());
    }
    if !request.may_be_encrypted {
        return Err(Refusal::invalid_volume("transferring encrypted volume is not supported"));
    }
    if request.no_snapshots {
        return Err(Refusal::invalid_volume(
            "transferring an encrypted volume without its snapshots is not supported",
        ));
    }
    conditions::check_key(volume)
}

fn must_be_available() -> Refusal {
    Refusal::invalid_volume("status must be available")
}
