//! Changing pairs on a volume: the volume's row is held while its status is looked at and the pairs change.

use ashlar_db::metadata::{self, Of};
use ashlar_db::{Tx, transact, volumes};
use ashlar_types::{Metadata, Timestamp, VolumeId, VolumeStatus};

use super::Condition;
use crate::fault::{Fault, TxFault};
use crate::request::Request;

/// In these statuses nobody writes on a volume.
const CLOSED: [VolumeStatus; 2] = [VolumeStatus::Maintenance, VolumeStatus::Uploading];

/// What to do to the pairs.
#[derive(Debug, Clone, Copy)]
pub(in crate::v3::volumes) enum Change<'a> {
    /// Set these and leave the others.
    Merge(&'a Metadata),
    /// Set these and remove the others.
    Replace(&'a Metadata),
    /// Remove the pair of this key.
    Remove(&'a str),
}

/// What came of it, when it was not refused.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::v3::volumes) enum Written {
    /// These pairs are there now.
    Done(Metadata),
    /// The condition does not hold; nothing was written.
    Stale,
    /// There is no pair of the key that was to go.
    NoKey,
}

/// Changes the pairs `of` the volume `id`.
///
/// # Errors
/// 404 when the volume has gone, 400 when it is closed to writers.
pub(in crate::v3::volumes) async fn write(
    request: &Request,
    id: VolumeId,
    of: Of,
    change: Change<'_>,
    condition: &Condition,
) -> Result<Written, Fault> {
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let written: Result<Written, TxFault> =
        transact!(db, tx => apply(tx, id, of, change, condition, now).await);
    Ok(written?)
}

async fn apply(
    tx: &mut Tx,
    id: VolumeId,
    of: Of,
    change: Change<'_>,
    condition: &Condition,
    now: Timestamp,
) -> Result<Written, TxFault> {
    let Some(volume) = volumes::get_for_update(tx, id).await? else {
        return Err(Fault::not_found("Volume", id).into());
    };
    let mut pairs = metadata::get(tx, of).await?;
    if !condition.admits(&pairs) {
        return Ok(Written::Stale);
    }
    if matches!(change, Change::Remove(key) if !pairs.contains_key(key)) {
        return Ok(Written::NoKey);
    }
    if CLOSED.contains(&volume.status) {
        return Err(closed(change, volume.status).into());
    }
    match change {
        Change::Merge(wanted) => pairs = metadata::merge(tx, of, wanted, now).await?,
        Change::Replace(wanted) => pairs = metadata::replace(tx, of, wanted, now).await?,
        Change::Remove(key) => {
            metadata::remove(tx, of, key, now).await?;
            pairs.remove(key);
        }
    }
    Ok(Written::Done(pairs))
}

fn closed(change: Change<'_>, status: VolumeStatus) -> Fault {
    let what = match change {
        Change::Remove(_) => "Deleting",
        Change::Merge(_) | Change::Replace(_) => "Updating",
    };
    let reason = format!("{what} volume metadata is not allowed for volumes in {status} status.");
    Fault::invalid_state("volume", reason)
}
