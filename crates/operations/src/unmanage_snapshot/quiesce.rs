//! Nothing else may be at work on the snapshot when it is let go.

use ashlar_db::snapshots;
use ashlar_flow::record::Failure;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{SnapshotStatus, UserMessage};

use super::State;
use crate::classify::database;
use crate::quiesce::{PAUSE, older_flow, read_under_way};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone, tell};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.read().await.map_err(database)?;
        let id = state.snapshot.to_string();
        let older = older_flow(&mut tx, &id, state.flow).await.map_err(database)?;
        let read = read_under_way(&mut tx, state.snapshot).await.map_err(database)?;
        if let Some(reason) = older.or(read) {
            return Ok(Done::wait(PAUSE, reason));
        }
        let there = snapshots::get(&mut tx, state.snapshot).await.map_err(database)?;
        drop(tx);
        if there.is_none() {
            // A removal that was under way did it.
            return Ok(Done::end(cx.db.begin().await.map_err(database)?));
        }
        Ok(Done::unrecorded())
    })
}

/// It could not be let go: the row says so, and keeps its quota and space.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let from = [SnapshotStatus::Unmanaging];
        snapshots::transition(&mut tx, state.snapshot, &from, SnapshotStatus::ErrorDeleting, now)
            .await
            .map_err(database)?;
        let otherwise = UserMessage {
            action: Action::SnapshotDelete,
            detail: Detail::SnapshotDeleteError,
            subject: Subject::Snapshot,
        };
        let about = tell::About {
            project_id: &state.project_id,
            request_id: &state.request_id,
            resource_id: state.snapshot.to_string(),
        };
        tell::failure(&mut tx, &cx.settings, &about, (failure, otherwise), now).await?;
        Ok(Undone::with(tx))
    })
}
