//! Holding the snapshot's size on its volume's pool, and the end of a snapshot that cannot be taken.

use ashlar_db::{holds, messages, pools, snapshots};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_placement::Provisioning;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{SnapshotStatus, UserMessage};

use super::State;
use crate::classify::database;
use crate::{Doing, Done, SchedulerContext, Undoing, Undone};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.begin().await.map_err(database)?;
        let provisioning = if state.thick { Provisioning::Thick } else { Provisioning::Thin };
        let Some(pool) = pools::lock(&mut tx, &state.pool).await.map_err(database)? else {
            return Err(TaskError::Retry(format!("pool {} is not reported", state.pool).into()));
        };
        if let Err(reason) = cx.rules.admit(&pool, state.size, provisioning) {
            let message = UserMessage {
                action: Action::SnapshotCreate,
                detail: Detail::NoValidBackend,
                subject: Subject::Snapshot,
            };
            return Err(TaskError::Reject(message, format!("{}: {reason}", state.pool).into()));
        }
        let id = state.snapshot.to_string();
        holds::take(&mut tx, state.flow, &id, &state.pool, state.size, cx.clock.now())
            .await
            .map_err(database)?;
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
        let message = failure.message.unwrap_or(UserMessage {
            action: Action::SnapshotCreate,
            detail: Detail::SnapshotCreateError,
            subject: Subject::Snapshot,
        });
        let told = messages::NewMessage {
            project_id: &state.project_id,
            request_id: &state.request_id,
            resource_uuid: &state.snapshot.to_string(),
            what: message,
        };
        messages::insert(&mut tx, &told, now, cx.settings.message_ttl).await.map_err(database)?;
        Ok(Undone::with(tx))
    })
}
