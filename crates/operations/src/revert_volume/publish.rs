//! Volume and snapshot are free again.

use ashlar_db::{snapshots, volumes};
use ashlar_types::{SnapshotStatus, VolumeStatus};

use super::State;
use crate::classify::database;
use crate::notify::{By, From, Letters, events};
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let (from, to) = ([VolumeStatus::Reverting], VolumeStatus::Available);
        volumes::transition(&mut tx, state.volume, &from, to, now).await.map_err(database)?;
        let (from, to) = ([SnapshotStatus::Restoring], SnapshotStatus::Available);
        snapshots::transition(&mut tx, state.snapshot, &from, to, now).await.map_err(database)?;
        let mut letters = Letters::new(&cx.settings, now);
        let end = [events::REVERT_END];
        letters.volume(&mut tx, state.volume, From::Backend, &end).await.map_err(database)?;
        let (id, end) = ([state.snapshot], [events::SNAPSHOT_REVERT_END]);
        letters.snapshots(&mut tx, &id, From::Backend, &end).await.map_err(database)?;
        letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}
