//! The snapshot becomes usable.

use ashlar_db::metadata::{self, Of};
use ashlar_db::{DbError, Tx, holds, snapshots, volumes};
use ashlar_types::{SnapshotId, SnapshotStatus, Timestamp, VolumeId};

use super::State;
use crate::classify::database;
use crate::notify::{By, From, Letters, events};
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.begin().await.map_err(database)?;
        let published = snapshots::Published {
            status: SnapshotStatus::Available,
            provider_location: state.provider_location.as_deref(),
            provider_id: state.provider_id.as_deref(),
        };
        let (from, now) = ([SnapshotStatus::Creating], cx.clock.now());
        if !snapshots::publish(&mut tx, state.snapshot, &from, &published, now)
            .await
            .map_err(database)?
        {
            tracing::warn!(snapshot = %state.snapshot, "taken, but its status was changed meanwhile");
            snapshots::record_made(&mut tx, state.snapshot, &published).await.map_err(database)?;
        }
        keep_of_image(&mut tx, state.volume, state.snapshot, now).await.map_err(database)?;
        holds::settle(&mut tx, state.flow).await.map_err(database)?;
        let mut letters = Letters::new(&cx.settings, now);
        let (id, end) = ([state.snapshot], [events::SNAPSHOT_CREATE_END]);
        letters.snapshots(&mut tx, &id, From::Backend, &end).await.map_err(database)?;
        letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}

/// The snapshot of a bootable volume keeps what the volume has kept of its image.
pub(crate) async fn keep_of_image(
    tx: &mut Tx,
    volume: VolumeId,
    snapshot: SnapshotId,
    now: Timestamp,
) -> Result<(), DbError> {
    if !volumes::get(tx, volume).await?.is_some_and(|volume| volume.bootable) {
        return Ok(());
    }
    let kept = metadata::get(tx, Of::VolumeImage(volume)).await?;
    if !kept.is_empty() {
        metadata::merge(tx, Of::SnapshotImage(snapshot), &kept, now).await?;
    }
    Ok(())
}
