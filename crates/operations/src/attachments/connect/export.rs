//! The backend offers the volume to hosts.

use ashlar_db::{DbError, Tx, attachments, volumes};
use ashlar_drivers::{DriverError, FailureKind};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{AttachStatus, UserMessage};

use super::State;
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
        // An older operation may have grown it.
        state.size = volume.size;
        let kept = volumes::export(&mut tx, state.volume).await.map_err(database)?;
        state.offered_before = kept.is_some();
        drop(tx);
        let export = {
            let _turn = cx.turns.take(state.volume).await;
            cx.driver
                .ensure_export(named(state).reference(), kept.as_ref())
                .await
                .map_err(failed)?
        };
        let Some(export) = export else { return Ok(Done::unrecorded()) };
        let mut tx = cx.db.begin().await.map_err(database)?;
        volumes::keep_export(&mut tx, state.volume, &export, cx.clock.now())
            .await
            .map_err(database)?;
        Ok(Done::next(tx))
    })
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
        if volumes::get_for_update(&mut tx, state.volume).await.map_err(database)?.is_none() {
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
            AttachStatus::Attaching => !mine,
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
