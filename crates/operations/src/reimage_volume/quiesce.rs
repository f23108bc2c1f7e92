//! Nothing else may be at work on the volume while its content changes; and the end of a reimage that cannot be done.

use ashlar_db::volumes::{self, Reimaged};
use ashlar_flow::record::Failure;
use ashlar_types::UserMessage;
use ashlar_types::message::{Action, Detail, Subject};

use super::State;
use crate::classify::database;
use crate::quiesce::{PAUSE, clone_under_way, older_flow};
use crate::{Doing, Done, SchedulerContext, Undoing, Undone, tell};

/// A failure in here has not touched the backend.
pub(super) const QUIESCE: &str = "quiesce";

/// What the user is told when nothing more is known.
pub(super) const NOT_REIMAGED: UserMessage = UserMessage {
    action: Action::ReimageVolume,
    detail: Detail::UnknownError,
    subject: Subject::Volume,
};

pub(super) fn execute<'a>(cx: &'a SchedulerContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.read().await.map_err(database)?;
        let id = state.volume.to_string();
        let older = older_flow(&mut tx, &id, state.flow).await.map_err(database)?;
        let cloning = clone_under_way(&mut tx, state.volume).await.map_err(database)?;
        match older.or(cloning) {
            Some(reason) => Ok(Done::wait(PAUSE, reason)),
            None => Ok(Done::unrecorded()),
        }
    })
}

/// As before when the backend was never asked; otherwise the volume says `error`, as in Cinder. It still has the old
/// content then: half an image is never served.
pub(super) fn revert<'a>(
    cx: &'a SchedulerContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let untouched = failure.task == QUIESCE;
        let end = if untouched { Reimaged::Untouched } else { Reimaged::Failed };
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        volumes::end_reimage(&mut tx, state.volume, end, now).await.map_err(database)?;
        let about = tell::About {
            project_id: &state.project_id,
            request_id: &state.request_id,
            resource_id: state.volume.to_string(),
        };
        tell::failure(&mut tx, &cx.settings, &about, (failure, NOT_REIMAGED), now).await?;
        Ok(Undone::with(tx))
    })
}
