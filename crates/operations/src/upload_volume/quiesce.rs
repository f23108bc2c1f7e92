//! Nothing else may be at work on the volume while it is read; and the end of an upload that cannot be done.

use ashlar_db::volumes;
use ashlar_flow::record::Failure;
use ashlar_types::UserMessage;
use ashlar_types::message::{Action, Detail, Subject};

use super::{State, remove};
use crate::classify::database;
use crate::quiesce::{PAUSE, older_flow};
use crate::{Doing, Done, Undoing, Undone, VolumeContext, tell};

/// This task's name.
pub(super) const QUIESCE: &str = "quiesce";

/// What the user is told, in Cinder's numbers.
pub(super) const NOT_UPLOADED: UserMessage = UserMessage {
    action: Action::CopyVolumeToImage,
    detail: Detail::UploadFailed,
    subject: Subject::Volume,
};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.read().await.map_err(database)?;
        let id = state.volume.to_string();
        match older_flow(&mut tx, &id, state.flow).await.map_err(database)? {
            Some(reason) => Ok(Done::wait(PAUSE, reason)),
            None => Ok(Done::next(cx.db.begin().await.map_err(database)?)),
        }
    })
}

/// The volume is as before. Nothing was sent when this task itself failed, so the image's record goes here.
pub(super) fn revert<'a>(
    cx: &'a VolumeContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        if failure.task == QUIESCE {
            remove::image(cx, state).await?;
        }
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        volumes::end_upload(&mut tx, state.volume, now).await.map_err(database)?;
        let about = tell::About {
            project_id: &state.project_id,
            request_id: &state.request_id,
            resource_id: state.volume.to_string(),
        };
        tell::failure(&mut tx, &cx.settings, &about, (failure, NOT_UPLOADED), now).await?;
        Ok(Undone::with(tx))
    })
}
