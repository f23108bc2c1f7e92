//! Nothing else may be at work on the volume when it is let go.

use ashlar_db::{snapshots, volumes};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::VolumeStatus;

use super::State;
use crate::classify::database;
use crate::delete_volume::remove_rows;
use crate::quiesce::{PAUSE, clone_under_way, older_flow};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone};

/// The statuses of a volume that is on its way out.
const LETTING_GO: [VolumeStatus; 2] =
    [VolumeStatus::Unmanaging, VolumeStatus::ErrorManagingDeleting];

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.read().await.map_err(database)?;
        let id = state.volume;
        let older = older_flow(&mut tx, &id.to_string(), state.flow).await.map_err(database)?;
        let copying = clone_under_way(&mut tx, id).await.map_err(database)?;
        drop(tx);
        if let Some(reason) = older.or(copying) {
            return Ok(Done::wait(PAUSE, reason));
        }
        let mut tx = cx.db.begin().await.map_err(database)?;
        let Some(volume) = volumes::get(&mut tx, id).await.map_err(database)? else {
            // A removal that was forced meanwhile did it.
            return Ok(Done::end(tx));
        };
        if !snapshots::of_volume(&mut tx, id).await.map_err(database)?.is_empty() {
            // An administrator gave it another status, and somebody was quick.
            return Err(TaskError::Broken("it has got a snapshot".into()));
        }
        if !LETTING_GO.contains(&volume.status) {
            return Err(TaskError::Broken(format!("it is {} by now", volume.status).into()));
        }
        if volumes::is_offered(&mut tx, id).await.map_err(database)? {
            return Err(TaskError::Broken("a host is connected to it".into()));
        }
        // An older operation may have placed or grown it meanwhile.
        state.size = volume.size;
        state.pool.clone_from(&volume.host);
        if state.pool.is_some() {
            return Ok(Done::unrecorded());
        }
        remove_rows(&mut tx, &cx.settings, &volume, &[], cx.clock.now()).await.map_err(database)?;
        Ok(Done::end(tx))
    })
}

/// It could not be let go: the row says so, and keeps its quota and space.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    _failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.begin().await.map_err(database)?;
        let (to, now) = (VolumeStatus::ErrorUnmanaging, cx.clock.now());
        volumes::transition(&mut tx, state.volume, &LETTING_GO, to, now).await.map_err(database)?;
        Ok(Undone::with(tx))
    })
}
