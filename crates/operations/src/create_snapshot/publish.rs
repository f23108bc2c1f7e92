//! The snapshot becomes usable.

use ashlar_db::metadata::{self, Of};
use ashlar_db::{DbError, Tx, holds, snapshots, volumes};
use ashlar_types::{SnapshotStatus, Timestamp};

use super::State;
use crate::classify::database;
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
        keep_of_image(&mut tx, state, now).await.map_err(database)?;
        holds::settle(&mut tx, state.flow).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}

/// The snapshot of a bootable volume keeps what the volume has kept of its image.
async fn keep_of_image(tx: &mut Tx, state: &State, now: Timestamp) -> Result<(), DbError> {
    if !volumes::get(tx, state.volume).await?.is_some_and(|volume| volume.bootable) {
        return Ok(());
    }
    let kept = metadata::get(tx, Of::VolumeImage(state.volume)).await?;
    if !kept.is_empty() {
        metadata::merge(tx, Of::SnapshotImage(state.snapshot), &kept, now).await?;
    }
    Ok(())
}
