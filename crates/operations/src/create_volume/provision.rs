//! Making the volume on the backend, by the kind of its source.

mod blank;
mod from_image;
mod from_snapshot;
mod from_volume;

use ashlar_db::{holds, volumes};
use ashlar_drivers::{DriverError, VolumeRef};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{PoolName, Source, UserMessage, VolumeId, VolumeStatus};

use super::{Made, PLACE, State, Tried};
use crate::classify::{self, database};
use crate::quiesce::PAUSE;
use crate::{Doing, Done, Undoing, Undone, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let pool = placed(state)?;
        let made = match state.spec.source {
            Source::Blank => blank::make(cx, &state.spec, &pool).await.map_err(Trouble::Driver),
            Source::Snapshot(snapshot) => {
                from_snapshot::make(cx, state, &pool, snapshot).await.map_err(Trouble::Driver)
            }
            Source::Volume(source) => {
                from_volume::make(cx, state, &pool, source).await.map_err(Trouble::Driver)
            }
            Source::Image(_) => match from_image::make(cx, state, &pool).await {
                Ok(Some(made)) => Ok(made),
                Ok(None) => return Ok(Done::wait(PAUSE, "the image is on its way into the cache")),
                Err(trouble) => Err(trouble),
            },
        };
        match made {
            Ok(made) => {
                state.made = Made {
                    provider_location: made.provider_location,
                    provider_id: made.provider_id,
                };
                Ok(Done::unrecorded())
            }
            Err(Trouble::Driver(error)) if is_worth_another_place(cx, state, &error) => {
                elsewhere(cx, state, pool, &error).await
            }
            Err(Trouble::Driver(error)) => Err(classify::driver(error, DRIVER_FAILED)),
            Err(Trouble::Task(error)) => Err(error),
        }
    })
}

/// Why it was not made.
enum Trouble {
    /// The backend failed; another may do better.
    Driver(DriverError),
    /// What it is made of failed, which no other backend changes.
    Task(TaskError),
}

/// What the user is told when the backend cannot make it.
const DRIVER_FAILED: UserMessage = UserMessage {
    action: Action::CreateVolumeFromBackend,
    detail: Detail::DriverFailedCreate,
    subject: Subject::Volume,
};

fn placed(state: &State) -> Result<PoolName, TaskError> {
    state.placed.clone().ok_or_else(|| TaskError::Broken("not placed".into()))
}

/// Another pool may do better, the source leaves a choice, and there may be more than one attempt. Whether one is left
/// is for placement to say: as in Cinder, it is the scheduler that gives up.
fn is_worth_another_place(cx: &VolumeContext, state: &State, error: &DriverError) -> bool {
    error.is_worth_another_pool() && state.spec.pinned.is_none() && cx.max_attempts > 1
}

/// Back to placement: what was half made here goes, and so do the hold and the place.
async fn elsewhere(
    cx: &VolumeContext,
    state: &mut State,
    pool: PoolName,
    error: &DriverError,
) -> Result<Done, TaskError> {
    let name = name_of(state.spec.volume_id);
    if let Err(left) = cx.driver.destroy_volume(reference(&name, &pool, state.spec.size)).await {
        // Both causes: whoever looks wants the first one.
        let text = format!("{error}; and what was half made cannot be removed yet: {left}");
        return Err(TaskError::Retry(text.into()));
    }
    let mut tx = cx.db.begin().await.map_err(database)?;
    holds::release(&mut tx, state.flow).await.map_err(database)?;
    let (id, now) = (state.spec.volume_id, cx.clock.now());
    volumes::clear_place(&mut tx, id, now).await.map_err(database)?;
    let from = [VolumeStatus::Downloading];
    volumes::transition(&mut tx, id, &from, VolumeStatus::Creating, now).await.map_err(database)?;
    cx.freed.notify_one();
    state.placed = None;
    let cause = error.to_string();
    let because = format!("{pool}: {cause}");
    state.tried.push(Tried { pool, cause });
    Ok(Done::back_to(PLACE, tx, because))
}

/// The volume's name on the backend.
fn name_of(id: VolumeId) -> String {
    format!("volume-{id}")
}

/// The volume as the driver is told of it.
fn reference<'a>(name: &'a str, pool: &'a PoolName, size: ashlar_types::Gib) -> VolumeRef<'a> {
    VolumeRef { name, pool: pool.pool().unwrap_or_default(), size }
}

/// It may be there, whole or half, or not at all: afterwards it is not.
pub(super) fn revert<'a>(
    cx: &'a VolumeContext,
    state: &'a mut State,
    _failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let Some(pool) = &state.placed else { return Ok(Undone::nothing()) };
        let name = name_of(state.spec.volume_id);
        cx.driver
            .destroy_volume(reference(&name, pool, state.spec.size))
            .await
            .map_err(|error| TaskError::Retry(error.into()))?;
        cx.freed.notify_one();
        Ok(Undone::nothing())
    })
}
