//! The backend offers the volume to hosts.

use ashlar_db::{DbError, Tx, attachments, volumes};
use ashlar_drivers::{DriverError, FailureKind};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{AttachStatus, UserMessage};

use super::reach::is_connected;
use super::{Refused, State};
use crate::attachments::connector::same_host;
use crate::attachments::exports::{self, Named};
use crate::attachments::find::GOING;
use crate::classify::database;
use crate::{Doing, Done, Undoing, Undone, VolumeContext};

pub(super) fn execute<'a>(cx: &'a VolumeContext, state: &'a mut State) -> Doing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.read().await.map_err(database)?;
        let volume = volumes::get(&mut tx, state.volume).await.map_err(database)?;
        let volume = volume.filter(|volume| !GOING.contains(&volume.status)).ok_or_else(gone)?;
        if volume.host.as_ref() != Some(&state.pool) {
            let text = format!("volume {} has moved to another backend; try again", state.volume);
            state.refused = Some(Refused::Conflict(text));
            return Err(TaskError::Broken("the volume has moved to another backend".into()));
        }
        // An older operation may have grown it.
        state.size = volume.size;
        state.connected_before = connected(&mut tx, state).await.map_err(database)?;
        drop(tx);
        // Until the tables say how it is offered: an older withdrawal that is still owed would end what was just made.
        let _turn = cx.turns.take(state.volume).await;
        let mut tx = cx.db.read().await.map_err(database)?;
        let kept = volumes::export(&mut tx, state.volume).await.map_err(database)?;
        drop(tx);
        state.offered_before = kept.is_some();
        let export = cx
            .driver
            .ensure_export(named(state).reference(), kept.as_ref())
            .await
            .map_err(failed)?;
        let Some(export) = export else { return Ok(Done::unrecorded()) };
        let now = cx.clock.now();
        let written: Result<(), DbError> = ashlar_db::transact!(cx.db, tx =>
            volumes::keep_export(tx, state.volume, &export, now).await);
        written.map_err(database)?;
        if state.offered_before {
            return Ok(Done::unrecorded());
        }
        // Repeated after a crash this would find its own export, and take it for an older one.
        Ok(Done::next(cx.db.begin().await.map_err(database)?))
    })
}

/// A host was told before how to reach the volume by this attachment, and may use it.
async fn connected(tx: &mut Tx, state: &State) -> Result<bool, DbError> {
    let Some(id) = state.attachment else { return Ok(false) };
    Ok(attachments::get(tx, id).await?.is_some_and(|detail| is_connected(&detail)))
}

/// The volume as the driver knows it.
pub(super) fn named(state: &State) -> Named<'_> {
    Named { volume: state.volume, name: &state.name, pool: &state.pool, size: state.size }
}

/// The volume goes or went while this waited.
pub(super) fn gone() -> TaskError {
    TaskError::Reject(message(Detail::AttachFailed), "the volume is being removed".into())
}

/// What a driver's failure means here: one that may pass is tried again.
pub(super) fn failed(error: DriverError) -> TaskError {
    match error.kind {
        FailureKind::Busy | FailureKind::Unavailable => TaskError::Retry(error.into()),
        FailureKind::NoSpace
        | FailureKind::NotFound
        | FailureKind::Invalid
        | FailureKind::Broken => TaskError::Reject(message(Detail::AttachFailed), error.into()),
    }
}

/// The message for a connection that failed in this way.
pub(super) fn message(detail: Detail) -> UserMessage {
    UserMessage { action: Action::UpdateAttachment, detail, subject: Subject::Volume }
}

/// The host may not use it, and nobody is offered what nobody was offered before.
pub(super) fn revert<'a>(
    cx: &'a VolumeContext,
    state: &'a mut State,
    _failure: &'a Failure,
) -> Undoing<'a> {
    Box::pin(async move {
        let mut tx = cx.db.begin().await.map_err(database)?;
        let volume = volumes::get_for_update(&mut tx, state.volume).await.map_err(database)?;
        // What has moved was never offered here, and how another backend offers it is not for us to say.
        if volume.is_none_or(|volume| volume.host.as_ref() != Some(&state.pool)) {
            return Ok(Undone::nothing());
        }
        let others = others(&mut tx, state).await.map_err(database)?;
        if others == Others::None && !state.offered_before {
            volumes::owe_withdrawal(&mut tx, state.volume, cx.clock.now())
                .await
                .map_err(database)?;
        }
        tx.commit().await.map_err(database)?;
        if others != Others::SameHost {
            let _turn = cx.turns.take(state.volume).await;
            let answer =
                cx.driver.disconnect(named(state).reference(), Some(&state.connector)).await;
            if let Err(error) = answer {
                tracing::warn!(volume = %state.volume, %error, "a host that was not connected may still be let in");
            }
        }
        exports::withdraw_or_leave(cx, &named(state)).await?;
        Ok(Undone::nothing())
    })
}

/// Who else uses the volume.
#[derive(PartialEq, Eq)]
enum Others {
    None,
    OtherHosts,
    SameHost,
}

async fn others(tx: &mut Tx, state: &State) -> Result<Others, DbError> {
    let mut others = Others::None;
    for detail in attachments::details_of_volume(tx, state.volume).await? {
        let status = detail.attachment.attach_status;
        let mine = Some(detail.attachment.id) == state.attachment;
        let used = match status {
            AttachStatus::Attached | AttachStatus::ErrorDetaching => true,
            // One of mine that was connected before may be in use, whatever became of this attempt.
            AttachStatus::Attaching => !mine || state.connected_before,
            _ => false,
        };
        if !used {
            continue;
        }
        if detail.connector.is_some_and(|other| same_host(&other, &state.connector)) {
            return Ok(Others::SameHost);
        }
        others = Others::OtherHosts;
    }
    Ok(others)
}
