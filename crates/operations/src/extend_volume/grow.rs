//! Making the volume larger on the backend.

use ashlar_drivers::VolumeRef;
use ashlar_flow::record::Failure;
use ashlar_types::UserMessage;
use ashlar_types::message::{Action, Detail, Subject};

use super::State;
use crate::{Doing, Done, Undoing, Undone, VolumeContext, classify};

const DRIVER_FAILED: UserMessage = UserMessage {
    action: Action::ExtendVolume,
    detail: Detail::DriverFailedExtend,
    subject: Subject::Volume,
};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let pool = state.pool.pool().unwrap_or_default();
        let volume = VolumeRef { name: &state.name, pool, size: state.old_size };
        cx.driver
            .ensure_size(volume, state.new_size)
            .await
            .map_err(|error| classify::driver(error, DRIVER_FAILED))?;
        Ok(Done::unrecorded())
    })
}

/// How large the volume is now, only the backend's next report tells; until then the increase counts as taken.
pub(super) fn revert<'a>(
    cx: &'a VolumeContext,
    _state: &'a mut State,
    _failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        cx.freed.notify_one();
        Ok(Undone::nothing())
    })
}
