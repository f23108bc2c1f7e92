//! The end of a change: who leaves is free, and the group is available again.

use ashlar_db::groups::{self, Membership};
use ashlar_types::GroupStatus;

use super::State;
use crate::classify::database;
use crate::notify::{By, Letters, events};
use crate::{Doing, Done, SchedulerContext};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        // Locked first, so that no removal of the group takes a volume along that is about to leave.
        let there = groups::get_for_update(&mut tx, state.group).await.map_err(database)?;
        if there.is_some() {
            let (mut letters, id) = (Letters::new(&cx.settings, now), state.group.to_string());
            let event = events::GROUP_UPDATE_START;
            letters.group(&mut tx, &id, false, event).await.map_err(database)?;
            let who = Membership { group: state.group, volumes: &state.leaving };
            groups::leave(&mut tx, who, now).await.map_err(database)?;
            let (from, to) = ([GroupStatus::Updating], GroupStatus::Available);
            groups::transition(&mut tx, state.group, &from, to, now).await.map_err(database)?;
            let event = events::GROUP_UPDATE_END;
            letters.group(&mut tx, &id, false, event).await.map_err(database)?;
            letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        }
        Ok(Done::next(tx))
    })
}
