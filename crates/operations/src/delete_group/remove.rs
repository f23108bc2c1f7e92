//! The group's row goes when nothing works on it any more and its volumes are gone.

use ashlar_db::{DbError, Tx, flows, groups, quotas};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::quota::Delta;
use ashlar_types::{Group, GroupStatus, Timestamp};

use super::State;
use crate::classify::database;
use crate::notify::{By, Letters, events};
use crate::quiesce::{PAUSE, older_flow};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        if let Some(reason) = busy(cx, state).await.map_err(database)? {
            return Ok(Done::wait(PAUSE, reason));
        }
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let group = groups::get_for_update(&mut tx, state.group).await.map_err(database)?;
        let Some(group) = group else {
            // An earlier removal of the same group did it.
            return Ok(Done::end(tx));
        };
        let left = groups::volumes_of(&mut tx, state.group).await.map_err(database)?;
        if let Some(volume) = left.first() {
            let text = format!("volume {} is still there, {}", volume.id, volume.status);
            return Err(TaskError::Broken(text.into()));
        }
        let (mut letters, id) = (Letters::new(&cx.settings, now), state.group.to_string());
        letters.group(&mut tx, &id, false, events::GROUP_DELETE_START).await.map_err(database)?;
        letters.group(&mut tx, &id, true, events::GROUP_DELETE_END).await.map_err(database)?;
        letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        row(&mut tx, &group, now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}

/// An older operation on the group, or one on a volume in it: its removal, or what that waits for.
async fn busy(cx: &SchedulerContext, state: &State) -> Result<Option<String>, DbError> {
    let mut tx = cx.db.read().await?;
    if let Some(reason) = older_flow(&mut tx, &state.group.to_string(), state.flow).await? {
        return Ok(Some(reason));
    }
    for volume in groups::volumes_of(&mut tx, state.group).await? {
        let under_way = flows::under_way(&mut tx, &volume.id.to_string()).await?;
        if let Some(flow) = under_way.first() {
            return Ok(Some(format!("{} of volume {} goes first", flow.name, volume.id)));
        }
    }
    Ok(None)
}

/// Removes the row and gives its quota back.
pub(super) async fn row(tx: &mut Tx, group: &Group, now: Timestamp) -> Result<(), DbError> {
    if groups::destroy(tx, group.id, now).await? {
        quotas::give_back(tx, &group.project_id, &[Delta::new("groups", 1)], now).await?;
    }
    Ok(())
}

/// A volume could not be removed: the group says `error`, as in Cinder, and keeps its quota.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    _failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let (from, to) = ([GroupStatus::Deleting], GroupStatus::Error);
        groups::transition(&mut tx, state.group, &from, to, now).await.map_err(database)?;
        Ok(Undone::with(tx))
    })
}
