//! The backend lets it go. It keeps its name, as in Cinder, by which it can be managed again.

use ashlar_drivers::{DriverError, Thing, VolumeRef};
use ashlar_flow::TaskError;

use super::State;
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let Some(place) = &state.pool else { return Ok(Done::unrecorded()) };
        let pool = place.pool().unwrap_or_default();
        let volume = VolumeRef { name: &state.name, pool, size: state.size };
        // Whoever offers volumes again after a restart has looked at the status by now, or does so later.
        let _turn = cx.turns.take(state.volume).await;
        cx.driver.destroy_export(volume).await.map_err(failed)?;
        cx.driver.ensure_released(Thing::Volume(volume), None).await.map_err(failed)?;
        Ok(Done::unrecorded())
    })
}

fn failed(error: DriverError) -> TaskError {
    if error.is_retryable() {
        TaskError::Retry(error.into())
    } else {
        TaskError::Broken(error.into())
    }
}
