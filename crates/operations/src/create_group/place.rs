//! Choosing the backend on which a group's volumes will live.

use ashlar_db::{groups, volume_types};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_placement::Facts;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{
    Gib, GroupStatus, Metadata, RequestSpec, Source, UserMessage, VolumeId, VolumeType,
};

use super::State;
use crate::classify::database;
use crate::notify::{By, Letters, events};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone};

/// Cinder stores no message about a group, so this goes no further than the flow's log.
const NO_VALID_BACKEND: UserMessage = UserMessage {
    action: Action::ScheduleAllocateVolume,
    detail: Detail::NoValidBackend,
    subject: Subject::Volume,
};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let wanted = wanted(cx, state).await?;
        let chosen = cx.placer.place_together(wanted).await.map_err(database)?;
        let pool = chosen.map_err(|why| {
            let cause = format!("No valid backend was found. {why}");
            TaskError::Reject(NO_VALID_BACKEND, cause.into())
        })?;
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        groups::set_place(&mut tx, state.group, Some(&pool), now).await.map_err(database)?;
        // An administrator, or a removal, may have given it another status meanwhile; that stands.
        let (from, to) = ([GroupStatus::Creating], GroupStatus::Available);
        groups::transition(&mut tx, state.group, &from, to, now).await.map_err(database)?;
        // What Cinder's volume service has to do for a group of our drivers is this row.
        let (mut letters, id) = (Letters::new(&cx.settings, now), state.group.to_string());
        for event in [events::GROUP_CREATE_START, events::GROUP_CREATE_END] {
            letters.group(&mut tx, &id, false, event).await.map_err(database)?;
        }
        letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}

/// A blank volume without size for each type, as Cinder judges them.
async fn wanted(
    cx: &SchedulerContext,
    state: &State,
) -> Result<Vec<(RequestSpec, Facts)>, TaskError> {
    let mut wanted = Vec::with_capacity(state.volume_types.len());
    for id in &state.volume_types {
        let mut tx = cx.db.read().await.map_err(database)?;
        let found = volume_types::get(&mut tx, *id).await.map_err(database)?;
        drop(tx);
        let volume_type =
            found.ok_or_else(|| TaskError::Broken(format!("volume type {id} is gone").into()))?;
        let spec = spec(state, volume_type);
        let facts = cx.sources.look_up(&cx.db, &spec, &cx.rules).await.map_err(database)?;
        wanted.push((spec, facts));
    }
    Ok(wanted)
}

fn spec(state: &State, volume_type: VolumeType) -> RequestSpec {
    RequestSpec {
        // Only a seed for whatever draws lots; there is no volume yet.
        volume_id: VolumeId(state.group.0),
        project_id: state.project_id.clone(),
        user_id: state.user_id.clone(),
        request_id: state.request_id.clone(),
        size: Gib(0),
        source: Source::Blank,
        availability_zones: vec![state.availability_zone.clone()],
        volume_type,
        pinned: None,
        forced: None,
        metadata: Metadata::new(),
        hints: serde_json::Map::new(),
    }
}

/// There is no place for it: the row says `error` and keeps its quota until it is deleted, as in Cinder.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    _failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        groups::set_place(&mut tx, state.group, None, now).await.map_err(database)?;
        let (from, to) = ([GroupStatus::Creating], GroupStatus::Error);
        groups::transition(&mut tx, state.group, &from, to, now).await.map_err(database)?;
        Ok(Undone::with(tx))
    })
}
