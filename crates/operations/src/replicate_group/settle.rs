//! The end of a replication deed on a backend that does not replicate.

use ashlar_db::groups;
use ashlar_types::GroupStatus;

use super::State;
use crate::classify::database;
use crate::{Doing, Done, SchedulerContext};

/// Cinder's word for a replication that went wrong.
const ERROR: &str = "error";

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let group = groups::get_for_update(&mut tx, state.group).await.map_err(database)?;
        // What changed meanwhile stands.
        let ours = group.is_some_and(|group| {
            group.replication_status.as_deref() == Some(state.under_way.as_str())
        });
        if ours {
            let id = state.group;
            tracing::warn!(group = %id, deed = state.under_way, "no driver replicates groups");
            groups::set_replication_status(&mut tx, id, ERROR, now).await.map_err(database)?;
            let from = [GroupStatus::Available, GroupStatus::Error];
            groups::transition(&mut tx, id, &from, GroupStatus::Error, now)
                .await
                .map_err(database)?;
        }
        let change = (state.under_way.as_str(), ERROR);
        groups::end_replication_of(&mut tx, &state.volumes, change, now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}
