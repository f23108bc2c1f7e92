//! Making the volume larger on the backend.

use ashlar_drivers::VolumeRef;
use ashlar_types::UserMessage;
use ashlar_types::message::{Action, Detail, Subject};

use super::State;
use crate::{Doing, Done, VolumeContext, classify};

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
