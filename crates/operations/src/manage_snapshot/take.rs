//! It becomes ours: the backend gives it the name of the snapshot.

use ashlar_drivers::{Reference, SnapshotRef, Thing};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::message::Detail;

use super::{State, told};
use crate::create_volume::Made;
use crate::manage::judge_taken;
use crate::{Doing, Done, Undoing, Undone, VolumeContext, classify};

fn thing<'a>(state: &'a State, name: &'a str) -> Thing<'a> {
    let pool = state.pool.pool().unwrap_or_default();
    Thing::Snapshot(SnapshotRef { name, volume_name: &state.volume_name, pool, size: state.size })
}

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let failed = |error| classify::driver(error, told(Detail::SnapshotCreateError));
        let reference = Reference::read(&state.reference).map_err(failed)?.marked(state.mark);
        let name = format!("snapshot-{}", state.snapshot);
        let made = cx.driver.ensure_managed(thing(state, &name), &reference).await;
        let made = made.map_err(failed)?;
        judge_taken(cx, &name, &reference, told(Detail::SnapshotCreateError)).await?;
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
        let name = format!("snapshot-{}", state.snapshot);
        let released = cx.driver.ensure_released(thing(state, &name), Some(&reference)).await;
        released.map_err(|error| TaskError::Retry(error.into()))?;
        Ok(Undone::nothing())
    })
}
