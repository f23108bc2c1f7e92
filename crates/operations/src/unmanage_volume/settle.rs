//! The row goes, and quota and capacity come back, in one transaction.

use ashlar_db::volumes;

use super::State;
use crate::classify::database;
use crate::delete_volume::remove_rows;
use crate::notify::{By, From, Letters, events};
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.begin().await.map_err(database)?;
        if let Some(volume) = volumes::get(&mut tx, state.volume).await.map_err(database)? {
            let now = cx.clock.now();
            let mut letters = Letters::new(&cx.settings, now);
            let start = [events::UNMANAGE_START];
            letters.volume(&mut tx, volume.id, From::Backend, &start).await.map_err(database)?;
            let end = events::UNMANAGE_END;
            letters.volume_gone(&mut tx, volume.id, From::Backend, end).await.map_err(database)?;
            letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
            remove_rows(&mut tx, &cx.settings, &volume, &[], now).await.map_err(database)?;
            // What it takes is no longer counted by us, only by the backend's next report.
            cx.freed.notify_one();
        }
        Ok(Done::next(tx))
    })
}
