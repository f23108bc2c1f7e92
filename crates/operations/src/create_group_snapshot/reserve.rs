//! Holding the snapshots' sizes on the pools of their volumes, and the end of a group snapshot that cannot be taken.

use ashlar_db::{DbError, Tx, flows, group_snapshots, holds, snapshots, volumes};
use ashlar_flow::record::Failure;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{GroupSnapshotStatus, SnapshotStatus, UserMessage, VolumeStatus};

use super::State;
use crate::classify::database;
use crate::notify::{By, From, Letters, events};
use crate::quiesce::PAUSE;
use crate::{Doing, Done, SchedulerContext, Undoing, Undone, hold, tell};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.begin().await.map_err(database)?;
        if let Some(reason) = being_rewritten(&mut tx, state).await.map_err(database)? {
            return Ok(Done::wait(PAUSE, reason));
        }
        let refusal = UserMessage {
            action: Action::SnapshotCreate,
            detail: Detail::NoValidBackend,
            subject: Subject::Snapshot,
        };
        for (pool, (size, thick)) in state.by_pool() {
            let wanted = hold::Wanted {
                flow: state.flow,
                resource_id: &state.group_snapshot.to_string(),
                pool,
                size,
                thick,
                online: false,
            };
            hold::on_its_pool(cx, &mut tx, &wanted, refusal).await?;
        }
        let now = cx.clock.now();
        let (mut letters, id) = (Letters::new(&cx.settings, now), state.group_snapshot.to_string());
        let host = state.members.first().map(|member| member.pool.as_str());
        letters
            .group_snapshot(&mut tx, &id, (false, host), events::GROUP_SNAPSHOT_CREATE_START)
            .await
            .map_err(database)?;
        let ids: Vec<_> = state.members.iter().map(|member| member.snapshot).collect();
        let event = [events::SNAPSHOT_CREATE_START];
        letters.snapshots(&mut tx, &ids, From::Backend, &event).await.map_err(database)?;
        letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}

/// An operation that is changing the content of one of the volumes as a whole. Cinder takes group snapshots of volumes
/// in such statuses, of whatever is there.
async fn being_rewritten(tx: &mut Tx, state: &State) -> Result<Option<String>, DbError> {
    for member in &state.members {
        let Some(volume) = volumes::get(tx, member.volume).await? else { continue };
        if !is_rewritten_in(volume.status) {
            continue;
        }
        if let Some(flow) = flows::under_way(tx, &volume.id.to_string()).await?.first() {
            return Ok(Some(format!("{} of volume {} goes first", flow.name, volume.id)));
        }
    }
    Ok(None)
}

fn is_rewritten_in(status: VolumeStatus) -> bool {
    matches!(
        status,
        VolumeStatus::Creating
            | VolumeStatus::Downloading
            | VolumeStatus::Managing
            | VolumeStatus::Extending
            | VolumeStatus::Reverting
            | VolumeStatus::Retyping
            | VolumeStatus::RestoringBackup
    )
}

/// The rows say `error` and keep their quota until they are deleted, as in Cinder.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let (from, to) = ([GroupSnapshotStatus::Creating], GroupSnapshotStatus::Error);
        group_snapshots::transition(&mut tx, state.group_snapshot, &from, to, now)
            .await
            .map_err(database)?;
        let otherwise = UserMessage {
            action: Action::SnapshotCreate,
            detail: Detail::SnapshotCreateError,
            subject: Subject::Snapshot,
        };
        for member in &state.members {
            let (from, to) = ([SnapshotStatus::Creating], SnapshotStatus::Error);
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
        holds::release(&mut tx, state.flow).await.map_err(database)?;
        Ok(Undone::with(tx))
    })
}
