//! The volume becomes usable: the hold turns into allocation and the row says `available`.

use ashlar_db::holds;
use ashlar_db::volumes::{self, Published};
use ashlar_flow::TaskError;
use ashlar_types::VolumeStatus;

use super::State;
use super::measure::pool;
use super::take::{name_of, volume};
use crate::classify::database;
use crate::notify::{By, From, events, tell_of_volume};
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let (id, now) = (state.spec.volume_id, cx.clock.now());
        let (name, pool) = (name_of(state), pool(state)?);
        // What is no whole number of GiB gets zeros behind it, only now that nothing is given back any more.
        let grown = cx.driver.ensure_size(volume(state, &name, &pool), state.size).await;
        if let Err(error) = grown {
            if error.is_retryable() {
                return Err(TaskError::Retry(error.into()));
            }
            tracing::warn!(volume = %id, %error, "it is a little smaller than its size says");
        }
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
        let from = [VolumeStatus::Managing];
        if !volumes::publish(&mut tx, id, &from, &published, now).await.map_err(database)? {
            tracing::warn!(volume = %id, "taken over, but its status was changed meanwhile");
            volumes::record_made(&mut tx, id, &published).await.map_err(database)?;
        }
        holds::settle(&mut tx, state.flow).await.map_err(database)?;
        let what = (id, From::Pool, &[events::MANAGE_EXISTING_END][..]);
        tell_of_volume(&mut tx, &cx.settings, &By::spec(&state.spec), what, now)
            .await
            .map_err(database)?;
        Ok(Done::next(tx))
    })
}
