//! Nothing else may be at work on the volume while its content changes; and the end of a revert that cannot be done.

use ashlar_db::{DbError, Tx, snapshots, volumes};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::{SnapshotStatus, VolumeStatus};

use super::State;
use crate::classify::database;
use crate::quiesce::{Known, before_change};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.read().await.map_err(database)?;
        let known = Known {
            volume: state.volume,
            status: VolumeStatus::Reverting,
            size: state.size,
            pool: &state.pool,
        };
        if let Some(wait) = before_change(&mut tx, state.flow, known).await? {
            return Ok(wait);
        }
        match unfit(&mut tx, state).await.map_err(database)? {
            Some(reason) => Err(TaskError::Broken(reason.into())),
            None => Ok(Done::unrecorded()),
        }
    })
}

/// Why the snapshot's content must not be taken after all, if there is a reason.
async fn unfit(tx: &mut Tx, state: &State) -> Result<Option<String>, DbError> {
    let snapshot = snapshots::get(tx, state.snapshot).await?;
    let fits = snapshot.is_some_and(|snapshot| {
        // Its status does not matter: who removes it waits for this flow.
        snapshot.volume_id == state.volume && snapshot.volume_size == state.size
    });
    Ok((!fits).then(|| "the snapshot is not there to revert to any more".to_owned()))
}

/// The volume says `error`, as in Cinder, which sends no message either, so that nobody takes it for reverted; it has one
/// of the two contents, whole. The snapshot can be used again.
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
