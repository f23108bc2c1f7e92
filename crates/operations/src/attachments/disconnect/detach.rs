//! The driver lets the host go, and the rows say so.

use ashlar_db::attachments::AttachmentDetail;
use ashlar_db::{DbError, Tx, attachments, volumes};
use ashlar_drivers::DriverError;
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{AttachStatus, Connector, Gib, Timestamp, UserMessage};

use super::State;
use crate::attachments::connector::same_host;
use crate::attachments::exports::Named;
use crate::attachments::{reserve, turn};
use crate::classify::database;
use crate::notify::{By, From, Letters, events};
use crate::{Doing, Done, Undoing, Undone, VolumeContext, tell};

const FAILED: UserMessage = UserMessage {
    action: Action::UpdateAttachment,
    detail: Detail::DetachFailed,
    subject: Subject::Volume,
};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.read().await.map_err(database)?;
        let now = cx.clock.now();
        let wait = turn::wait(&mut tx, state.volume, state.flow, now).await.map_err(database)?;
        if let Some(wait) = wait {
            return Ok(wait);
        }
        drop(tx);
        // Until the rows say that the host is gone, which is when the engine commits: whoever makes the export anew lets
        // in all hosts that they name.
        let turn = cx.turns.take(state.volume).await;
        let mut tx = cx.db.read().await.map_err(database)?;
        let all = attachments::details_of_volume(&mut tx, state.volume).await.map_err(database)?;
        drop(tx);
        if state.attachment.is_some_and(|id| all.iter().all(|it| it.attachment.id != id)) {
            // An older request, or this one before a crash, has done it. Without the row it is not known which host
            // was meant, and none of the others is to be cut off.
            return Ok(Done::unrecorded());
        }
        release(cx, state, &all).await.map_err(failed)?;
        let mut tx = cx.db.begin().await.map_err(database)?;
        let now = cx.clock.now();
        if let Some(size) = write(&mut tx, state, now).await.map_err(database)? {
            state.size = size;
        }
        if state.attachment.is_some() {
            let mut letters = Letters::new(&cx.settings, now);
            let from = if state.is_deleted { From::Here } else { From::Backend };
            let end = [events::DETACH_END];
            letters.volume(&mut tx, state.volume, from, &end).await.map_err(database)?;
            letters.post(&mut tx, &By::Flow(state.flow), now).await.map_err(database)?;
        }
        Ok(Done::next(tx).holding(turn))
    })
}

/// The driver lets the host go, unless that host has the volume by another attachment too.
async fn release(
    cx: &VolumeContext,
    state: &State,
    all: &[AttachmentDetail],
) -> Result<(), DriverError> {
    let mine = |detail: &&AttachmentDetail| Some(detail.attachment.id) == state.attachment;
    let of_row = all.iter().find(mine).and_then(|detail| detail.connector.as_ref());
    let named = state.connector.as_ref().or(of_row);
    let mut others = all.iter().filter(|detail| !mine(detail) && uses(detail));
    let host: Option<&Connector> = match named {
        Some(host) if others.any(|other| is_of(other, host)) => return Ok(()),
        Some(host) => Some(host),
        // Without a name all hosts would be let go.
        None if others.next().is_some() => return Ok(()),
        None => None,
    };
    cx.driver.disconnect(named_volume(state).reference(), host).await
}

fn is_of(detail: &AttachmentDetail, host: &Connector) -> bool {
    detail.connector.as_ref().is_some_and(|other| same_host(other, host))
}

/// A host may be using the volume by it.
fn uses(detail: &AttachmentDetail) -> bool {
    matches!(
        detail.attachment.attach_status,
        AttachStatus::Attached | AttachStatus::Attaching | AttachStatus::ErrorDetaching
    )
}

/// Writes that the host is gone; answers the volume's size while there is the volume. Changes nothing when repeated.
async fn write(tx: &mut Tx, state: &State, now: Timestamp) -> Result<Option<Gib>, DbError> {
    let volume = volumes::get_for_update(tx, state.volume).await?;
    let Some(volume) = volume else { return Ok(None) };
    match state.attachment {
        Some(id) => {
            attachments::destroy(tx, id, now).await?;
            volumes::settle_attachments(tx, volume.id, now).await?;
        }
        None => reserve::back(tx, volume.id, now).await?,
    }
    // By the older actions another host may be connected before it has an attachment. Without a name all were let go.
    let perhaps_another =
        state.attachment.is_none() && state.connector.is_some() && volume.multiattach;
    if !perhaps_another && !attachments::any_connected(tx, volume.id).await? {
        volumes::owe_withdrawal(tx, volume.id, now).await?;
    }
    Ok(Some(volume.size))
}

/// The volume as the driver knows it.
pub(super) fn named_volume(state: &State) -> Named<'_> {
    Named { volume: state.volume, name: &state.name, pool: &state.pool, size: state.size }
}

fn failed(error: DriverError) -> TaskError {
    if error.is_retryable() {
        TaskError::Retry(error.into())
    } else {
        TaskError::Reject(FAILED, error.into())
    }
}

/// The host may still have it.
pub(super) fn revert<'a>(
    cx: &'a VolumeContext,
    state: &'a mut State,
    failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let now = cx.clock.now();
        let mut tx = cx.db.begin().await.map_err(database)?;
        if let Some(id) = state.attachment {
            let to = AttachStatus::ErrorDetaching;
            attachments::transition(&mut tx, id, &[], to, now).await.map_err(database)?;
        }
        let about = tell::About {
            project_id: &state.project_id,
            request_id: &state.request_id,
            resource_id: state.volume.to_string(),
        };
        tell::failure(&mut tx, &cx.settings, &about, (failure, FAILED), now).await?;
        Ok(Undone::with(tx))
    })
}
