//! The backend lets it go. It keeps its name, as in Cinder, by which it can be managed again.

use ashlar_drivers::{SnapshotRef, Thing};
use ashlar_types::UserMessage;
use ashlar_types::message::{Action, Detail, Subject};

use super::State;
use crate::{Doing, Done, VolumeContext, classify};

const DRIVER_FAILED: UserMessage = UserMessage {
    action: Action::SnapshotDelete,
    detail: Detail::SnapshotDeleteError,
    subject: Subject::Snapshot,
};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let thing = Thing::Snapshot(SnapshotRef {
            name: &format!("snapshot-{}", state.snapshot),
            volume_name: &state.volume_name,
            pool: state.pool.pool().unwrap_or_default(),
            size: state.size,
        });
        let released = cx.driver.ensure_released(thing, None).await;
        released.map_err(|error| classify::driver(error, DRIVER_FAILED))?;
        Ok(Done::unrecorded())
    })
}
