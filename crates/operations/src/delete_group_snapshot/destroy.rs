//! Removing the snapshots on the backend. What is not there counts as removed.

use ashlar_drivers::SnapshotRef;
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
        for member in &state.members {
            let snapshot = SnapshotRef {
                name: &format!("snapshot-{}", member.snapshot),
                volume_name: &member.volume_name,
                pool: member.pool.pool().unwrap_or_default(),
                size: member.size,
            };
            cx.driver
                .destroy_snapshot(snapshot)
                .await
                .map_err(|error| classify::driver(error, DRIVER_FAILED))?;
        }
        Ok(Done::unrecorded())
    })
}
