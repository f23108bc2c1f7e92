//! The volume is free again.

use ashlar_db::volumes;

use super::State;
use crate::classify::database;
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        volumes::end_upload(&mut tx, state.volume, now).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}
