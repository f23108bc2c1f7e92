//! Holding the volumes' sizes on the pools of their sources, and the end of a group that cannot be made.

use ashlar_db::{groups, holds, volumes};
use ashlar_flow::record::Failure;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{GroupStatus, UserMessage, VolumeStatus};

use super::State;
use crate::classify::database;
use crate::notify::{By, From, Letters, events};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone, hold, tell};

const fn told(action: Action, detail: Detail) -> UserMessage {
    UserMessage { action, detail, subject: Subject::Volume }
}

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.begin().await.map_err(database)?;
        let refusal = told(Action::ScheduleAllocateVolume, Detail::NoValidBackend);
        for (pool, share) in state.by_pool() {
            let wanted = hold::Wanted {
                flow: state.flow,
                resource_id: &state.group.to_string(),
                pool,
                size: share.size,
                thick: share.thick,
                online: false,
            };
            hold::for_volumes(cx, &mut tx, &wanted, share.volumes, refusal).await?;
        }
        let now = cx.clock.now();
        let (mut letters, id) = (Letters::new(&cx.settings, now), state.group.to_string());
        letters.group(&mut tx, &id, false, events::GROUP_CREATE_START).await.map_err(database)?;
        let volumes: Vec<_> = state.members.iter().map(|member| member.volume).collect();
        let start = [events::CREATE_START];
        letters.volumes(&mut tx, &volumes, From::Backend, &start).await.map_err(database)?;
        letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}

/// Group and volumes say `error` and keep their quota until they are deleted, as in Cinder. Nothing of the volumes is on
/// a backend any more, so they live nowhere.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let (from, to) = ([GroupStatus::Creating], GroupStatus::Error);
        groups::transition(&mut tx, state.group, &from, to, now).await.map_err(database)?;
        let otherwise = told(Action::CreateVolumeFromBackend, Detail::DriverFailedCreate);
        for member in &state.members {
            let (from, to) = ([VolumeStatus::Creating], VolumeStatus::Error);
            volumes::transition(&mut tx, member.volume, &from, to, now).await.map_err(database)?;
            let about = tell::About {
                project_id: &state.project_id,
                request_id: &state.request_id,
                resource_id: member.volume.to_string(),
            };
            tell::failure(&mut tx, &cx.settings, &about, (failure, otherwise), now).await?;
        }
        holds::release(&mut tx, state.flow).await.map_err(database)?;
        Ok(Undone::with(tx))
    })
}
