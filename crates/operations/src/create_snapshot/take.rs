//! Taking the snapshot on the backend.

use ashlar_drivers::SnapshotRef;
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::UserMessage;
use ashlar_types::message::{Action, Detail, Subject};

use super::State;
use crate::{Doing, Done, Undoing, Undone, VolumeContext, classify};

const DRIVER_FAILED: UserMessage = UserMessage {
    action: Action::SnapshotCreate,
    detail: Detail::SnapshotCreateError,
    subject: Subject::Snapshot,
};

fn reference<'a>(state: &'a State, name: &'a str) -> SnapshotRef<'a> {
    let pool = state.pool.pool().unwrap_or_default();
    SnapshotRef { name, volume_name: &state.volume_name, pool, size: state.size }
}

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let name = format!("snapshot-{}", state.snapshot);
        let made = cx
            .driver
            .ensure_snapshot(reference(state, &name))
            .await
            .map_err(|error| classify::driver(error, DRIVER_FAILED))?;
        state.provider_location = made.provider_location;
        state.provider_id = made.provider_id;
        Ok(Done::unrecorded())
    })
}

/// It may be there, whole or half, or not at all: afterwards it is not.
pub(super) fn revert<'a>(
    cx: &'a VolumeContext,
    state: &'a mut State,
    _failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let name = format!("snapshot-{}", state.snapshot);
        cx.driver
            .destroy_snapshot(reference(state, &name))
            .await
            .map_err(|error| TaskError::Retry(error.into()))?;
        cx.freed.notify_one();
        Ok(Undone::nothing())
    })
}
