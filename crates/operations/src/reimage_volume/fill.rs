//! The volume gets the image's content, by the same way as a new volume: judged, inspected, verified. What it had stays
//! until all of that is done.

use std::sync::Arc;

use ashlar_drivers::{DriverError, FillError, SnapshotRef, VolumeRef};
use ashlar_flow::TaskError;
use ashlar_types::UserMessage;
use ashlar_types::message::Action;

use super::quiesce::NOT_REIMAGED;
use super::{Snapshot, State};
use crate::images::{self, Filling, ImageError};
use crate::{Doing, Done, VolumeContext, classify};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        match &state.snapshot {
            Some(snapshot) => from_snapshot(cx, state, snapshot).await?,
            None => from_image(cx, state).await?,
        }
        // What the old content took may be free now.
        cx.freed.notify_one();
        Ok(Done::unrecorded())
    })
}

fn reference(state: &State) -> VolumeRef<'_> {
    let pool = state.pool.pool().unwrap_or_default();
    VolumeRef { name: &state.name, pool, size: state.size }
}

async fn from_snapshot(
    cx: &VolumeContext,
    state: &State,
    snapshot: &Snapshot,
) -> Result<(), TaskError> {
    let volume = reference(state);
    let snapshot = SnapshotRef {
        name: &snapshot.name,
        volume_name: &snapshot.volume_name,
        pool: volume.pool,
        size: snapshot.size,
    };
    let done = cx.driver.ensure_reverted(volume, snapshot).await;
    done.map_err(|error| classify::driver(error, NOT_REIMAGED))
}

async fn from_image(cx: &VolumeContext, state: &State) -> Result<(), TaskError> {
    let broken = |text: &str| TaskError::Broken(text.into());
    let glance = cx.images.as_ref().ok_or_else(|| broken("Glance is not configured here"))?;
    let format = state.image.disk_format.as_deref().unwrap_or_default().parse();
    let filling = Filling {
        images: Arc::clone(glance),
        image: (*state.image).clone(),
        format: format.map_err(|_| broken("the image is of a format that is not known here"))?,
        db: cx.db.clone(),
        flow: state.flow,
    };
    let filled = cx.driver.ensure_refilled(reference(state), images::content(filling)).await;
    filled.map_err(|error| match error {
        // Shared with all who waited for the same content.
        FillError::Driver(error) => {
            classify::driver(DriverError::new(error.kind, error.to_string()), NOT_REIMAGED)
        }
        FillError::Content(error) => match error.downcast_ref::<ImageError>() {
            Some(error) => of_image(error),
            None => broken(&error.to_string()),
        },
    })
}

/// As of a new volume, but for what was being done.
fn of_image(error: &ImageError) -> TaskError {
    if let Some(error) = error.of_driver() {
        return classify::driver(error, NOT_REIMAGED);
    }
    match images::classify(error) {
        TaskError::Reject(message, cause) => {
            TaskError::Reject(UserMessage { action: Action::ReimageVolume, ..message }, cause)
        }
        other => other,
    }
}
