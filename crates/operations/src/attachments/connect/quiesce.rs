//! Nothing else may be at work on the volume; and what the user is told when the host is not connected.

use ashlar_db::{attachments, volumes};
use ashlar_flow::record::Failure;
use ashlar_types::AttachStatus;
use ashlar_types::message::Detail;

use super::State;
use super::export::message;
use crate::attachments::turn;
use crate::classify::database;
use crate::{Doing, Done, Undoing, Undone, VolumeContext, tell};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.read().await.map_err(database)?;
        let now = cx.clock.now();
        let wait = turn::wait(&mut tx, state.volume, state.flow, now).await.map_err(database)?;
        Ok(wait.unwrap_or_else(Done::unrecorded))
    })
}

/// The host is not connected, and the attachment says so.
pub(super) fn revert<'a>(
    cx: &'a VolumeContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        volumes::get_for_update(&mut tx, state.volume).await.map_err(database)?;
        // A host that was connected by it before still is.
        if let Some(id) = state.attachment.filter(|_| !state.connected_before) {
            // One that is in use by a server stays so, whatever became of a new connection.
            let from =
                [AttachStatus::Reserved, AttachStatus::Attaching, AttachStatus::ErrorAttaching];
            let to = AttachStatus::ErrorAttaching;
            attachments::transition(&mut tx, id, &from, to, now).await.map_err(database)?;
        }
        if state.refused.is_none() {
            let about = tell::About {
                project_id: &state.project_id,
                request_id: &state.request_id,
                resource_id: state.volume.to_string(),
            };
            let otherwise = message(Detail::DriverNotInitialized);
            tell::failure(&mut tx, &cx.settings, &about, (failure, otherwise), now).await?;
        }
        Ok(Undone::with(tx))
    })
}
