//! What the reference names, and how large it is; and the end of a snapshot that cannot be managed.

use ashlar_db::{holds, snapshots};
use ashlar_flow::record::Failure;
use ashlar_types::SnapshotStatus;
use ashlar_types::message::Detail;

use super::{State, told};
use crate::classify::database;
use crate::manage::measured;
use crate::{Doing, Done, Undoing, Undone, VolumeContext, tell};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let message = told(Detail::SnapshotCreateError);
        let (_, found) = measured(cx, &state.reference, state.pool.pool(), message).await?;
        state.size = found.size;
        state.mark = found.mark;
        // The schedulers, too, are to know what was found.
        Ok(Done::next(cx.db.begin().await.map_err(database)?))
    })
}

/// The row says `error` and keeps its quota until it is deleted, like a snapshot that could not be taken.
pub(super) fn revert<'a>(
    cx: &'a VolumeContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let from = [SnapshotStatus::Creating];
        snapshots::transition(&mut tx, state.snapshot, &from, SnapshotStatus::Error, now)
            .await
            .map_err(database)?;
        let about = tell::About {
            project_id: &state.project_id,
            request_id: &state.request_id,
            resource_id: state.snapshot.to_string(),
        };
        let otherwise = told(Detail::SnapshotCreateError);
        tell::failure(&mut tx, &cx.settings, &about, (failure, otherwise), now).await?;
        holds::release(&mut tx, state.flow).await.map_err(database)?;
        Ok(Undone::with(tx))
    })
}
