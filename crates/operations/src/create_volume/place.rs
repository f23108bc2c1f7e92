//! Choosing the pool: the request goes to the scheduler's placer, which decides for all that wait at once.

use std::sync::Arc;

use ashlar_db::{holds, volumes};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{Source, UserMessage, VolumeStatus};

use super::{PLACE, State, group};
use crate::classify::database;
use crate::placing::{Placed, PlacingError, Wanted};
use crate::quiesce::PAUSE;
use crate::{Doing, Done, SchedulerContext, Undoing, Undone, notify, tell};

/// What the user is told when no pool will do: Cinder's words for "no valid backend".
const NO_VALID_BACKEND: UserMessage = told(Action::ScheduleAllocateVolume, Detail::NoValidBackend);
/// What the user is told when placing failed in another way.
const NOT_PLACED: UserMessage = told(Action::ScheduleAllocateVolume, Detail::UnknownError);
/// What the user is told when a backend had it and brought no message of its own.
const NOT_MADE: UserMessage = told(Action::CreateVolumeFromBackend, Detail::DriverFailedCreate);

/// What the user is told when Glance, or the backend, did not come to its senses in time.
const NOT_COPIED: UserMessage = told(Action::CopyImageToVolume, Detail::UnknownError);

const fn told(action: Action, detail: Detail) -> UserMessage {
    UserMessage { action, detail, subject: Subject::Volume }
}

/// How the reason begins in Cinder, which those who read notifications look for.
const NO_BACKEND: &str = "No valid backend was found.";

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        if state.tried.len() >= usize::try_from(cx.rules.max_attempts()).unwrap_or(usize::MAX) {
            return Err(exhausted(state));
        }
        match group::bind(cx, state).await? {
            group::Bound::Now => {}
            group::Bound::Later(reason) => return Ok(Done::wait(PAUSE, reason)),
            group::Bound::Never(why) => {
                return Err(TaskError::Reject(NO_VALID_BACKEND, why.into()));
            }
        }
        let facts = cx.sources.look_up(&cx.db, &state.spec, &cx.rules).await.map_err(database)?;
        let wanted = Wanted {
            flow: state.flow,
            spec: Arc::new(state.spec.clone()),
            tried: state.tried.iter().map(|tried| tried.pool.clone()).collect(),
            facts,
        };
        match cx.placer.place(wanted).await {
            Ok(Placed::At(pool)) => {
                state.placed = Some(pool);
                // The placer has committed hold, place and decision. Should this process die before the flow's own
                // record is saved, the task is repeated and finds the hold.
                Ok(Done::next(cx.db.begin().await.map_err(database)?))
            }
            Ok(Placed::Nowhere(why)) => {
                let cause = format!("{NO_BACKEND} {why}");
                Err(TaskError::Reject(NO_VALID_BACKEND, cause.into()))
            }
            Err(error) => Err(undecided(error)),
        }
    })
}

fn undecided(error: PlacingError) -> TaskError {
    match &error {
        PlacingError::Database(cause) if !cause.is_conflict() && !cause.is_unavailable() => {
            TaskError::Broken(error.into())
        }
        _ => TaskError::Retry(error.into()),
    }
}

fn exhausted(state: &State) -> TaskError {
    let causes: Vec<String> =
        state.tried.iter().map(|tried| format!("{}: {}", tried.pool, tried.cause)).collect();
    let text = format!(
        "{NO_BACKEND} Exceeded max scheduling attempts {} for volume {}: {}",
        causes.len(),
        state.spec.volume_id,
        causes.join("; ")
    );
    TaskError::Reject(NO_VALID_BACKEND, text.into())
}

/// The end of a create that cannot be done: the hold goes, the row says `error` and the user is told
/// why. The volume keeps its quota until it is deleted, as in Cinder.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let spec = &state.spec;
        let mut tx = cx.db.begin().await.map_err(database)?;
        holds::release(&mut tx, state.flow).await.map_err(database)?;
        // It could be kept for a server while its image was on its way.
        let from = [
            VolumeStatus::Creating,
            VolumeStatus::Downloading,
            VolumeStatus::Reserved,
            VolumeStatus::Attaching,
        ];
        let moved = volumes::transition(&mut tx, spec.volume_id, &from, VolumeStatus::Error, now)
            .await
            .map_err(database)?;
        // Nothing of it is on a backend any more, so it lives nowhere and takes no space.
        volumes::clear_place(&mut tx, spec.volume_id, now).await.map_err(database)?;
        let otherwise = match spec.source {
            _ if failure.task == PLACE => NOT_PLACED,
            Source::Image(_) => NOT_COPIED,
            _ => NOT_MADE,
        };
        let about = tell::About {
            project_id: &spec.project_id,
            request_id: &spec.request_id,
            resource_id: spec.volume_id.to_string(),
        };
        tell::failure(&mut tx, &cx.settings, &about, (failure, otherwise), now).await?;
        // A repeat finds the row in `error` already, and what was sent with it.
        if failure.task == PLACE && moved.is_done() {
            notify::placement_failed(&mut tx, cx, spec, &failure.cause, now).await?;
        }
        Ok(Undone::with(tx))
    })
}
