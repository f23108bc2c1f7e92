//! The snapshot becomes usable.

use ashlar_db::{holds, snapshots};
use ashlar_types::SnapshotStatus;

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
        holds::settle(&mut tx, state.flow).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}
