//! Nothing else may be at work on the snapshots when the backend removes them.

use ashlar_db::{DbError, Tx, group_snapshots, snapshots};
use ashlar_flow::record::Failure;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{GroupSnapshotStatus, SnapshotStatus, UserMessage};

use super::{Member, State, settle};
use crate::classify::database;
use crate::quiesce::{PAUSE, older_flow, read_under_way};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone, tell};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        if let Some(reason) = busy(cx, state).await.map_err(database)? {
            return Ok(Done::wait(PAUSE, reason));
        }
        let mut tx = cx.db.begin().await.map_err(database)?;
        let left = still_there(&mut tx, state).await.map_err(database)?;
        if left.is_empty() {
            let id = state.group_snapshot;
            let all = group_snapshots::members(&mut tx, id).await.map_err(database)?;
            settle::rows(&mut tx, &cx.settings, id, &all, cx.clock.now())
                .await
                .map_err(database)?;
            return Ok(Done::end(tx));
        }
        state.members = left;
        Ok(Done::unrecorded())
    })
}

/// The snapshots that were not removed or let go meanwhile; what lies on the backend under the name of one that was is
/// not ours any more.
async fn still_there(tx: &mut Tx, state: &State) -> Result<Vec<Member>, DbError> {
    let mut left = Vec::with_capacity(state.members.len());
    for member in &state.members {
        if snapshots::get(tx, member.snapshot).await?.is_some() {
            left.push(member.clone());
        }
    }
    Ok(left)
}

async fn busy(cx: &SchedulerContext, state: &State) -> Result<Option<String>, DbError> {
    let mut tx = cx.db.read().await?;
    let id = state.group_snapshot.to_string();
    if let Some(reason) = older_flow(&mut tx, &id, state.flow).await? {
        return Ok(Some(reason));
    }
    for member in &state.members {
        // No new one begins on a snapshot that is `deleting`.
        let id = member.snapshot.to_string();
        if let Some(reason) = older_flow(&mut tx, &id, state.flow).await? {
            return Ok(Some(reason));
        }
        if let Some(reason) = read_under_way(&mut tx, member.snapshot).await? {
            return Ok(Some(reason));
        }
    }
    Ok(None)
}

/// They could not be removed: the group snapshot says `error`, as in Cinder, and all keep quota and space. The
/// snapshots say `error_deleting`, as single ones do: some may be gone.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let (from, to) = ([GroupSnapshotStatus::Deleting], GroupSnapshotStatus::Error);
        group_snapshots::transition(&mut tx, state.group_snapshot, &from, to, now)
            .await
            .map_err(database)?;
        let otherwise = UserMessage {
            action: Action::SnapshotDelete,
            detail: Detail::SnapshotDeleteError,
            subject: Subject::Snapshot,
        };
        for member in &state.members {
            let (from, to) = ([SnapshotStatus::Deleting], SnapshotStatus::ErrorDeleting);
            snapshots::transition(&mut tx, member.snapshot, &from, to, now)
                .await
                .map_err(database)?;
            let about = tell::About {
                project_id: &state.project_id,
                request_id: &state.request_id,
                resource_id: member.snapshot.to_string(),
            };
            tell::failure(&mut tx, &cx.settings, &about, (failure, otherwise), now).await?;
        }
        Ok(Undone::with(tx))
    })
}
