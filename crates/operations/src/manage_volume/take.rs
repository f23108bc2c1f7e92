//! It becomes ours: the backend gives it the name of the volume.

use ashlar_drivers::{Reference, Thing, VolumeRef};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::PoolName;
use ashlar_types::message::Detail;

use super::measure::pool;
use super::{State, told};
use crate::create_volume::Made;
use crate::manage::judge_taken;
use crate::{Doing, Done, Undoing, Undone, VolumeContext, classify};

pub(super) fn name_of(state: &State) -> String {
    format!("volume-{}", state.spec.volume_id)
}

pub(super) fn volume<'a>(state: &State, name: &'a str, pool: &'a PoolName) -> VolumeRef<'a> {
    VolumeRef { name, pool: pool.pool().unwrap_or_default(), size: state.size }
}

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let failed = |error| classify::driver(error, told(Detail::DriverFailedCreate));
        let reference = Reference::read(&state.reference).map_err(failed)?.marked(state.mark);
        let (name, pool) = (name_of(state), pool(state)?);
        let thing = Thing::Volume(volume(state, &name, &pool));
        let made = cx.driver.ensure_managed(thing, &reference).await.map_err(failed)?;
        judge_taken(cx, &name, &reference, told(Detail::DriverFailedCreate)).await?;
        state.made =
            Made { provider_location: made.provider_location, provider_id: made.provider_id };
        Ok(Done::unrecorded())
    })
}

/// Whether or not it was taken over: afterwards it has the name that it had.
pub(super) fn revert<'a>(
    cx: &'a VolumeContext,
    state: &'a mut State,
    _failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let Ok(reference) = Reference::read(&state.reference) else {
            return Ok(Undone::nothing());
        };
        let (name, pool) = (name_of(state), pool(state)?);
        let thing = Thing::Volume(volume(state, &name, &pool));
        let released = cx.driver.ensure_released(thing, Some(&reference)).await;
        released.map_err(|error| TaskError::Retry(error.into()))?;
        Ok(Undone::nothing())
    })
}
