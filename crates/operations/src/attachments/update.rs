//! Connecting the host of an attachment, and the word that the server uses it.

use ashlar_db::attachments::{self, AttachmentDetail};
use ashlar_db::{Moved, Tx, transact, volumes};
use ashlar_flow::{BoxFuture, NewFlow};
use ashlar_types::{
    AttachStatus, AttachmentId, Caller, Connector, FlowId, Timestamp, Volume, VolumeStatus,
};

use super::find::GOING;
use super::run::{self, Accept, Accepting};
use super::{connect, connector, find};
use crate::notify::{By, From, Letters, events};
use crate::{ApiContext, Refusal};

/// Connects the host that `connector` describes, by this attachment.
///
/// # Errors
/// 404; 409 for a volume in an error status and while another host is connected to one that is not to be shared; 400
/// when the connector does not do; 500 when the backend fails, the attachment says `error_attaching` then; 503 when its
/// end cannot be waited for.
pub async fn update(
    cx: &ApiContext,
    caller: &Caller,
    id: AttachmentId,
    host: Connector,
) -> Result<AttachmentDetail, Refusal> {
    connector::check(&host)?;
    let found = find::attachment(&mut cx.db.read().await?, caller, id).await?;
    let flow = FlowId::fresh();
    let asked = connect::Asked { flow, attachment: Some(id), connector: host, alone: true };
    let _waits = run::store(cx, caller, found.attachment.volume_id, Update { id, asked }).await?;
    connect::connected(cx, flow, "Unable to update the attachment").await?;
    find::attachment(&mut cx.db.read().await?, caller, id).await
}

struct Update {
    id: AttachmentId,
    asked: connect::Asked,
}

impl Accept for Update {
    fn store<'a>(
        &'a self,
        to: Accepting<'a>,
        volume: Volume,
    ) -> BoxFuture<'a, Result<Option<NewFlow>, Refusal>> {
        Box::pin(async move {
            let Accepting { cx, tx, caller, at, now } = to;
            let alone = may_connect(tx, caller, &volume, self.id).await?;
            let asked = connect::Asked { alone, ..self.asked.clone() };
            connect::store(cx, tx, caller, (&volume, &asked), at, now).await.map(Some)
        })
    }
}

/// The attachment may be connected now. Answers whether no other host may be.
async fn may_connect(
    tx: &mut Tx,
    caller: &Caller,
    volume: &Volume,
    id: AttachmentId,
) -> Result<bool, Refusal> {
    find::attachment(tx, caller, id).await?;
    let status = volume.status;
    if status.as_str().contains("error") || status == VolumeStatus::Deleting {
        return Err(Refusal::Conflict(format!(
            "Resource conflict: Volume attachments can not be updated if the volume is in an error state. \
             The Volume {} currently has a status of: {status} ",
            volume.id
        )));
    }
    if find::may_be_shared(tx, volume).await? {
        return Ok(false);
    }
    let all = attachments::details_of_volume(tx, volume.id).await?;
    if all.iter().any(|other| other.attachment.id != id && connect::is_connected(other)) {
        return Err(Refusal::Conflict(format!(
            "Resource conflict: duplicate connectors detected on volume {}",
            volume.id
        )));
    }
    Ok(true)
}

/// The server uses the volume: attachment `attached`, volume `in-use`, or what it is while something else goes on, such
/// as an upload. Saying so again changes nothing.
///
/// # Errors
/// 404; 400 when the attachment is in no status for it, or the volume in an error or going. Cinder looks at neither, so that a volume in an
/// error, or one that is being deleted, could be made `in-use`.
pub async fn complete(cx: &ApiContext, caller: &Caller, id: AttachmentId) -> Result<(), Refusal> {
    let volume = find::attachment(&mut cx.db.read().await?, caller, id).await?.attachment.volume_id;
    let now = cx.clock.now();
    transact!(cx.db, tx => completed(cx, tx, caller, (volume, id), now).await)
}

async fn completed(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (volume, id): (ashlar_types::VolumeId, AttachmentId),
    now: Timestamp,
) -> Result<(), Refusal> {
    let found = find::locked(tx, caller, volume).await?;
    let stopped = GOING.contains(&found.status) || found.status == VolumeStatus::Maintenance;
    if stopped || found.status.as_str().contains("error") {
        return Err(Refusal::invalid_volume(format!(
            "Volume {volume} status must be attaching or reserved to complete an attachment, but the \
             current status is {}.",
            found.status
        )));
    }
    let from = [AttachStatus::Attaching, AttachStatus::Reserved, AttachStatus::Attached];
    match attachments::transition(tx, id, &from, AttachStatus::Attached, now).await? {
        Moved::Done => {}
        Moved::Gone => return Err(Refusal::NoAttachment(id.to_string())),
        Moved::Refused { now } => {
            return Err(Refusal::invalid_volume(format!(
                "attachment {id} must be attaching or reserved to be completed, but it is {now}."
            )));
        }
    }
    if !volumes::set_in_use(tx, volume, now).await? {
        return Err(Refusal::no_volume(volume));
    }
    let mut letters = Letters::new(&cx.settings, now);
    letters.volume(tx, volume, From::Here, &[events::ATTACH_END]).await?;
    Ok(letters.post(tx, &By::caller(caller), now).await?)
}
