//! The volume is free again, and tells of its new image.

use ashlar_db::metadata::{self, Of};
use ashlar_db::volumes::{self, Reimaged};

use super::State;
use crate::classify::database;
use crate::{Doing, Done, VolumeContext, images};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let (id, now) = (state.volume, cx.clock.now());
        let mut tx = cx.db.begin().await.map_err(database)?;
        if volumes::get_for_update(&mut tx, id).await.map_err(database)?.is_none() {
            return Ok(Done::next(tx));
        }
        volumes::end_reimage(&mut tx, id, Reimaged::Done, now).await.map_err(database)?;
        let kept = images::of_image(&state.image);
        metadata::replace(&mut tx, Of::VolumeImage(id), &kept, now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}
