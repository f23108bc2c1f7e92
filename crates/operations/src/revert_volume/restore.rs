//! The volume gets the snapshot's content.

use ashlar_drivers::{SnapshotRef, VolumeRef};
use ashlar_flow::TaskError;

use super::State;
use crate::{Doing, Done, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let pool = state.pool.pool().unwrap_or_default();
        let volume = VolumeRef { name: &state.name, pool, size: state.size };
        let snapshot = SnapshotRef {
            name: &state.snapshot_name,
            volume_name: &state.name,
            pool,
            size: state.size,
        };
        cx.driver.ensure_reverted(volume, snapshot).await.map_err(|error| {
            // No message of Cinder's fits, so none is sent; the flow keeps the cause.
            if error.is_retryable() {
                TaskError::Retry(error.into())
            } else {
                TaskError::Broken(error.into())
            }
        })?;
        // What was written since the snapshot may be free now.
        cx.freed.notify_one();
        Ok(Done::unrecorded())
    })
}
