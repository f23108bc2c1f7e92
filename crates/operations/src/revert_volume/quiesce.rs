//! Nothing else may be at work on the volume while its content changes; and the end of a revert that cannot be done.

use ashlar_db::{snapshots, volumes};
use ashlar_flow::record::Failure;
use ashlar_types::{SnapshotStatus, VolumeStatus};

use super::State;
use crate::classify::database;
use crate::quiesce::{PAUSE, clone_under_way, older_flow};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.read().await.map_err(database)?;
        let id = state.volume.to_string();
        let older = older_flow(&mut tx, &id, state.flow).await.map_err(database)?;
        let cloning = clone_under_way(&mut tx, state.volume).await.map_err(database)?;
        match older.or(cloning) {
            Some(reason) => Ok(Done::wait(PAUSE, reason)),
            None => Ok(Done::unrecorded()),
        }
    })
}

/// The volume says `error`, as in Cinder, which sends no message either; it has one of the two contents, whole. The
/// snapshot can be used again.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    _failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let (from, to) = ([VolumeStatus::Reverting], VolumeStatus::Error);
        volumes::transition(&mut tx, state.volume, &from, to, now).await.map_err(database)?;
        let (from, to) = ([SnapshotStatus::Restoring], SnapshotStatus::Available);
        snapshots::transition(&mut tx, state.snapshot, &from, to, now).await.map_err(database)?;
        Ok(Undone::with(tx))
    })
}
