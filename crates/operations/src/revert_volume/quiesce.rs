//! Nothing else may be at work on the volume while its content changes; and the end of a revert that cannot be done.

use ashlar_db::{DbError, Tx, snapshots, volumes};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::{SnapshotStatus, VolumeStatus};

use super::State;
use crate::classify::database;
use crate::quiesce::{Known, PAUSE, clone_under_way, older_flow, spoilt};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.read().await.map_err(database)?;
        let id = state.volume.to_string();
        let older = older_flow(&mut tx, &id, state.flow).await.map_err(database)?;
        let cloning = clone_under_way(&mut tx, state.volume).await.map_err(database)?;
        if let Some(reason) = older.or(cloning) {
            return Ok(Done::wait(PAUSE, reason));
        }
        let known = Known {
            volume: state.volume,
            status: VolumeStatus::Reverting,
            size: state.size,
            pool: &state.pool,
        };
        let why = match spoilt(&mut tx, known).await.map_err(database)? {
            None => unfit(&mut tx, state).await.map_err(database)?,
            why => why,
        };
        match why {
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
