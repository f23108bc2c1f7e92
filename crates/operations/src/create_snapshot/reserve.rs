//! Holding the snapshot's size on its volume's pool, and the end of a snapshot that cannot be taken.

use ashlar_db::{holds, snapshots};
use ashlar_flow::record::Failure;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{SnapshotStatus, UserMessage};

use super::State;
use crate::classify::database;
use crate::notify::{By, From, Letters, events};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone, hold, tell};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.begin().await.map_err(database)?;
        let refusal = UserMessage {
            action: Action::SnapshotCreate,
            detail: Detail::NoValidBackend,
            subject: Subject::Snapshot,
        };
        let wanted = hold::Wanted {
            flow: state.flow,
            resource_id: &state.snapshot.to_string(),
            pool: &state.pool,
            size: state.size,
            thick: state.thick,
            online: false,
        };
        hold::on_its_pool(cx, &mut tx, &wanted, refusal).await?;
        let mut letters = Letters::new(&cx.settings, cx.clock.now());
        let (id, start) = ([state.snapshot], [events::SNAPSHOT_CREATE_START]);
        letters.snapshots(&mut tx, &id, From::Backend, &start).await.map_err(database)?;
        letters.post(&mut tx, &By::Flow(state.flow), cx.clock.now()).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}

/// The row says `error` and keeps its quota until it is deleted, as in Cinder.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        holds::release(&mut tx, state.flow).await.map_err(database)?;
        let from = [SnapshotStatus::Creating];
        snapshots::transition(&mut tx, state.snapshot, &from, SnapshotStatus::Error, now)
            .await
            .map_err(database)?;
        let otherwise = UserMessage {
            action: Action::SnapshotCreate,
            detail: Detail::SnapshotCreateError,
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
