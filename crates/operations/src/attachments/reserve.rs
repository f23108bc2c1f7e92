//! `os-reserve`, `os-unreserve`, `os-begin_detaching` and `os-roll_detaching`: each is one compare and swap.

use ashlar_db::{Moved, Tx, attachments, transact, volumes};
use ashlar_types::{Caller, Timestamp, VolumeId, VolumeStatus};

use super::find;
use crate::{ApiContext, Refusal};

/// From `available` to `attaching`; a volume that may be shared from `in-use` too.
///
/// # Errors
/// 404, or 400 in any other status.
pub async fn reserve(cx: &ApiContext, caller: &Caller, volume: VolumeId) -> Result<(), Refusal> {
    let now = cx.clock.now();
    transact!(cx.db, tx => async {
        let found = find::locked(tx, caller, volume).await?;
        let from: &[VolumeStatus] = if found.multiattach {
            &[VolumeStatus::Available, VolumeStatus::InUse]
        } else {
            &[VolumeStatus::Available]
        };
        match volumes::transition(tx, volume, from, VolumeStatus::Attaching, now).await? {
            Moved::Done => Ok(()),
            Moved::Gone => Err(Refusal::no_volume(volume)),
            Moved::Refused { now } => Err(Refusal::invalid_volume(format!(
                "Volume status must be {} to reserve, but the status is {now}.",
                any_of(from)
            ))),
        }
    }.await)
}

/// From `attaching` back to what the volume was; in any other status nothing happens.
///
/// # Errors
/// 404.
pub async fn unreserve(cx: &ApiContext, caller: &Caller, volume: VolumeId) -> Result<(), Refusal> {
    let now = cx.clock.now();
    transact!(cx.db, tx => async {
        find::locked(tx, caller, volume).await?;
        back(tx, volume, now).await?;
        Ok::<_, Refusal>(())
    }.await)
}

/// From `attaching` to `in-use` when the volume has an attachment, else to `available`.
pub(super) async fn back(
    tx: &mut Tx,
    volume: VolumeId,
    now: Timestamp,
) -> Result<(), ashlar_db::DbError> {
    let has_some = !attachments::of_volume(tx, volume).await?.is_empty();
    let to = if has_some { VolumeStatus::InUse } else { VolumeStatus::Available };
    volumes::transition(tx, volume, &[VolumeStatus::Attaching], to, now).await.map(drop)
}

/// From `in-use` and attached to `detaching`; nothing happens to a volume that is being migrated, which has the
/// same effect for whoever asks.
///
/// # Errors
/// 404, or 400 in any other status.
pub async fn begin_detaching(
    cx: &ApiContext,
    caller: &Caller,
    volume: VolumeId,
) -> Result<(), Refusal> {
    let now = cx.clock.now();
    transact!(cx.db, tx => async {
        let found = find::locked(tx, caller, volume).await?;
        match volumes::begin_detaching(tx, volume, now).await? {
            Moved::Done => Ok(()),
            Moved::Gone => Err(Refusal::no_volume(volume)),
            Moved::Refused { .. } if found.is_migrating() => Ok(()),
            Moved::Refused { .. } => Err(Refusal::invalid_volume(
                "Unable to detach volume. Volume status must be 'in-use' and attach_status must be \
                 'attached' to detach.",
            )),
        }
    }.await)
}

/// From `detaching` back to `in-use`; in any other status nothing happens.
///
/// # Errors
/// 404.
pub async fn roll_detaching(
    cx: &ApiContext,
    caller: &Caller,
    volume: VolumeId,
) -> Result<(), Refusal> {
    let now = cx.clock.now();
    transact!(cx.db, tx => async {
        find::locked(tx, caller, volume).await?;
        let (from, to) = ([VolumeStatus::Detaching], VolumeStatus::InUse);
        volumes::transition(tx, volume, &from, to, now).await?;
        Ok::<_, Refusal>(())
    }.await)
}

/// `available, in-use or downloading`.
pub(super) fn any_of(statuses: &[VolumeStatus]) -> String {
    let names: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
