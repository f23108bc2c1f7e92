//! The volume becomes usable: the hold turns into allocation and the row says `available`.

use ashlar_db::holds;
use ashlar_db::volumes::{self, Published};
use ashlar_types::VolumeStatus;

use super::State;
use crate::classify::database;
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        let published = Published {
            status: VolumeStatus::Available,
            provider_location: state.made.provider_location.as_deref(),
            provider_id: state.made.provider_id.as_deref(),
            bootable: None,
            shared_targets: Some(false),
            service_uuid: cx.service_uuid.as_deref(),
            launched_at: Some(now),
        };
        let from = [VolumeStatus::Creating, VolumeStatus::Downloading];
        let id = state.spec.volume_id;
        if !volumes::publish(&mut tx, id, &from, &published, now).await.map_err(database)? {
            // An administrator has given it another status meanwhile; that stands. The volume is
            // there all the same, and its space is taken.
            tracing::warn!(volume = %id, "made, but its status was changed meanwhile");
            volumes::record_made(&mut tx, id, &published).await.map_err(database)?;
        }
        holds::settle(&mut tx, state.flow).await.map_err(database)?;
        Ok(Done::next(tx))
    })
}
