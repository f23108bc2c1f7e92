//! The snapshot becomes usable: the hold turns into allocation and the row says `available`.

use ashlar_db::{holds, snapshots};
use ashlar_types::SnapshotStatus;

use super::State;
use crate::classify::database;
use crate::notify::{By, events, tell_of_snapshot};
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.begin().await.map_err(database)?;
        let published = snapshots::Published {
            status: SnapshotStatus::Available,
            provider_location: state.made.provider_location.as_deref(),
            provider_id: state.made.provider_id.as_deref(),
        };
        let (id, from) = (state.snapshot, [SnapshotStatus::Creating]);
        let now = cx.clock.now();
        if !snapshots::publish(&mut tx, id, &from, &published, now).await.map_err(database)? {
            tracing::warn!(snapshot = %id, "taken over, but its status was changed meanwhile");
            snapshots::record_made(&mut tx, id, &published).await.map_err(database)?;
        }
        holds::settle(&mut tx, state.flow).await.map_err(database)?;
        let what = (id, &[events::SNAPSHOT_MANAGE_EXISTING_END][..]);
        tell_of_snapshot(&mut tx, &cx.settings, &By::Flow(state.flow), what, now)
            .await
            .map_err(database)?;
        Ok(Done::next(tx))
    })
}
