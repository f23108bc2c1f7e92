//! Taking attachments and connections away.

use ashlar_db::attachments::{self, AttachmentDetail};
use ashlar_db::{DbError, Tx, flows, transact, volumes};
use ashlar_flow::{BoxFuture, NewFlow};
use ashlar_types::{
    AttachStatus, AttachmentId, Caller, Connector, FlowId, Timestamp, Volume, VolumeId,
    VolumeStatus,
};

use super::disconnect::{self, Asked};
use super::run::{self, Accept, Accepting};
use super::{find, guard};
use crate::create_volume::CREATE_VOLUME;
use crate::notify::{By, From, Letters, events};
use crate::{ApiContext, Refusal};

/// Ends the attachment and answers those that the volume has left. One that was never connected costs no more than its
/// row; otherwise the host is disconnected, and after the last the volume is offered no more.
///
/// # Errors
/// 404; 409 while a server has it; 500 when the backend fails, the attachment says `error_detaching` then; 503 when Nova
/// or the backend cannot be waited for.
pub async fn delete(
    cx: &ApiContext,
    caller: &Caller,
    id: AttachmentId,
) -> Result<Vec<AttachmentDetail>, Refusal> {
    let found = find::attachment(&mut cx.db.read().await?, caller, id).await?;
    guard::check(cx, caller, &found).await?;
    let volume = found.attachment.volume_id;
    let now = cx.clock.now();
    let gone = transact!(cx.db, tx => removed_alone(cx, tx, caller, (volume, id), now).await)?;
    if !gone {
        let asked = Asked {
            flow: FlowId::fresh(),
            attachment: Some(id),
            connector: None,
            is_deleted: true,
        };
        end(cx, caller, volume, asked).await?;
    }
    Ok(attachments::details_of_volume(&mut cx.db.read().await?, volume).await?)
}

/// Removes a row that no backend knows of. Answers whether that was all there is to do.
async fn removed_alone(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (volume, id): (VolumeId, AttachmentId),
    now: Timestamp,
) -> Result<bool, Refusal> {
    let volume = find::locked(tx, caller, volume).await?;
    let Some(found) = attachments::get(tx, id).await? else { return Ok(true) };
    let under_way = flows::under_way(tx, &volume.id.to_string()).await?;
    // A volume that is still being made is offered to nobody.
    let idle = under_way.iter().all(|flow| flow.name == CREATE_VOLUME.name);
    let unknown = match found.attachment.attach_status {
        AttachStatus::Reserved => true,
        AttachStatus::ErrorAttaching => {
            found.connection_info.is_none() && !offered(tx, &volume).await?
        }
        _ => false,
    };
    if volume.host.is_some() && !(idle && unknown) {
        return Ok(false);
    }
    forget(cx, tx, caller, (&volume, id), now).await?;
    Ok(true)
}

/// The backend offers the volume to somebody, or is still to be told not to.
async fn offered(tx: &mut Tx, volume: &Volume) -> Result<bool, DbError> {
    Ok(volumes::needs_export(tx, volume.id).await?
        || volumes::owes_withdrawal(tx, volume.id).await?)
}

/// Removes the row of an attachment that no backend knows of. A volume that is still being filled is no more than that
/// afterwards: it becomes available when it is there.
async fn forget(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (volume, id): (&Volume, AttachmentId),
    now: Timestamp,
) -> Result<(), DbError> {
    let mut letters = Letters::new(&cx.settings, now);
    letters.volume(tx, volume.id, From::Here, &[events::DETACH_START]).await?;
    attachments::destroy(tx, id, now).await?;
    volumes::settle_attachments(tx, volume.id, now).await?;
    let under_way = flows::under_way(tx, &volume.id.to_string()).await?;
    if under_way.iter().any(|flow| flow.name == CREATE_VOLUME.name) {
        let (from, to) = ([VolumeStatus::Available], VolumeStatus::Downloading);
        volumes::transition(tx, volume.id, &from, to, now).await?;
    }
    letters.volume(tx, volume.id, From::Here, &[events::DETACH_END]).await?;
    letters.post(tx, &By::caller(caller), now).await
}

/// Ends this attachment at the backend, or disconnects this host.
async fn end(
    cx: &ApiContext,
    caller: &Caller,
    volume: VolumeId,
    asked: Asked,
) -> Result<(), Refusal> {
    let _waits = run::store(cx, caller, volume, Disconnect(asked.clone())).await?;
    disconnect::disconnected(cx, &asked).await
}

struct Disconnect(Asked);

impl Accept for Disconnect {
    fn store<'a>(
        &'a self,
        to: Accepting<'a>,
        volume: Volume,
    ) -> BoxFuture<'a, Result<Option<NewFlow>, Refusal>> {
        Box::pin(async move {
            let Accepting { cx, tx, caller, at, now } = to;
            disconnect::store(cx, tx, caller, (&volume, &self.0), at, now).await.map(Some)
        })
    }
}

/// `os-terminate_connection`: the host needs the volume no more. The volume goes from `attaching` back to what it was.
///
/// # Errors
/// 404; 409 while a server has it; 500 when the backend fails; 503 when Nova or the backend cannot be waited for.
pub async fn terminate_connection(
    cx: &ApiContext,
    caller: &Caller,
    volume: VolumeId,
    connector: Option<Connector>,
) -> Result<(), Refusal> {
    let found = find::volume(&mut cx.db.read().await?, caller, volume).await?;
    guard::check_any(cx, caller, volume, None).await?;
    if found.host.is_none() {
        // No backend knows of it.
        return super::unreserve(cx, caller, volume).await;
    }
    end(cx, caller, volume, by_action(None, connector)).await
}

/// What the older actions ask for.
fn by_action(attachment: Option<AttachmentId>, connector: Option<Connector>) -> Asked {
    Asked { flow: FlowId::fresh(), attachment, connector, is_deleted: false }
}

/// `os-detach`: the server or host does not use the volume any more. Without an attachment the volume's only one is
/// meant.
///
/// # Errors
/// 404; 400 in maintenance, when there are several, and for another volume's; 409 while a server has it; 500 when the
/// backend fails; 503 when Nova or the backend cannot be waited for.
pub async fn detach(
    cx: &ApiContext,
    caller: &Caller,
    volume: VolumeId,
    attachment: Option<AttachmentId>,
) -> Result<(), Refusal> {
    take_away(cx, caller, volume, (attachment, None)).await
}

/// `os-force_detach`: as [`detach`], and the host is disconnected at the backend, as the connector describes it.
///
/// # Errors
/// As [`detach`].
pub async fn force_detach(
    cx: &ApiContext,
    caller: &Caller,
    volume: VolumeId,
    attachment: Option<AttachmentId>,
    connector: Option<Connector>,
) -> Result<(), Refusal> {
    take_away(cx, caller, volume, (attachment, connector)).await
}

async fn take_away(
    cx: &ApiContext,
    caller: &Caller,
    volume: VolumeId,
    (named, connector): (Option<AttachmentId>, Option<Connector>),
) -> Result<(), Refusal> {
    find::volume(&mut cx.db.read().await?, caller, volume).await?;
    guard::check_any(cx, caller, volume, named).await?;
    let now = cx.clock.now();
    let found = transact!(cx.db, tx => meant(cx, tx, caller, (volume, named), now).await)?;
    match (found, &connector) {
        (None, None) => Ok(()),
        // A host may be connected without an attachment.
        (None, Some(_)) => end(cx, caller, volume, by_action(None, connector)).await,
        (Some(id), _) => end(cx, caller, volume, by_action(Some(id), connector)).await,
    }
}

/// The attachment that is meant. When there is none the volume's statuses are put right.
async fn meant(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (id, named): (VolumeId, Option<AttachmentId>),
    now: Timestamp,
) -> Result<Option<AttachmentId>, Refusal> {
    let volume = find::locked(tx, caller, id).await?;
    if volume.status == VolumeStatus::Maintenance {
        return Err(Refusal::invalid_volume("The volume cannot be detached in maintenance mode."));
    }
    let all = attachments::of_volume(tx, id).await?;
    let found = match (named, all.as_slice()) {
        (Some(named), _) => all.iter().find(|one| one.id == named),
        (None, [one]) => Some(one),
        (None, []) => None,
        (None, _) => {
            return Err(Refusal::invalid_volume(
                "Detach volume failed: More than one attachment, but no attachment_id provided.",
            ));
        }
    };
    let Some(found) = found else {
        volumes::settle_attachments(tx, id, now).await?;
        return Ok(None);
    };
    if volume.host.is_some() {
        return Ok(Some(found.id));
    }
    forget(cx, tx, caller, (&volume, found.id), now).await?;
    Ok(None)
}
