//! The new size becomes true.

use ashlar_db::{holds, volumes};

use super::State;
use crate::classify::database;
use crate::notify::{By, From, Letters, events};
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        volumes::publish_extend(&mut tx, state.volume, state.new_size, now)
            .await
            .map_err(database)?;
        holds::settle(&mut tx, state.flow).await.map_err(database)?;
        let mut letters = Letters::new(&cx.settings, now);
        let end = [events::RESIZE_END];
        letters.volume(&mut tx, state.volume, From::Backend, &end).await.map_err(database)?;
        letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}
