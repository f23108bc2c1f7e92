//! Nothing else may be at work on the volume while its content changes; and the end of a reimage that cannot be done.

use ashlar_db::volumes::{self, Reimaged};
use ashlar_db::{DbError, Tx, snapshots};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{UserMessage, VolumeStatus};

use super::State;
use crate::classify::database;
use crate::quiesce::{Known, before_change, follow_attachments};
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
        let known = Known {
            volume: state.volume,
            status: VolumeStatus::Downloading,
            size: state.size,
            pool: &state.pool,
        };
        if let Some(wait) = before_change(&mut tx, state.flow, known).await? {
            return Ok(wait);
        }
        match unfit(&mut tx, state).await.map_err(database)? {
            Some(reason) => Err(TaskError::Broken(reason.into())),
            None => Ok(Done::unrecorded()),
        }
    })
}

/// Why the snapshot that the image stands for cannot be read any more, if there is a reason.
async fn unfit(tx: &mut Tx, state: &State) -> Result<Option<String>, DbError> {
    let Some(snapshot) = &state.snapshot else { return Ok(None) };
    let Some(id) = snapshot.id else { return Ok(None) };
    let found = snapshots::get(tx, id).await?;
    let fits = found.is_some_and(|found| found.volume_size == snapshot.size);
    Ok((!fits).then(|| format!("snapshot {id}, for which the image stands, is gone")))
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
        let ended = volumes::end_reimage(&mut tx, state.volume, end, now).await;
        if ended.map_err(database)? && untouched {
            follow_attachments(&mut tx, state.volume, now).await.map_err(database)?;
        }
        let about = tell::About {
            project_id: &state.project_id,
            request_id: &state.request_id,
            resource_id: state.volume.to_string(),
        };
        tell::failure(&mut tx, &cx.settings, &about, (failure, NOT_REIMAGED), now).await?;
        Ok(Undone::with(tx))
    })
}
