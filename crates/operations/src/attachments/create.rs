//! Creating an attachment: the volume is kept for a server, and a host connected when the request names one.

use ashlar_db::attachments::{self, AttachmentDetail};
use ashlar_db::{Moved, Tx, transact, volumes};
use ashlar_flow::{BoxFuture, NewFlow};
use ashlar_types::{
    AttachStatus, Attachment, AttachmentId, Caller, FlowId, Timestamp, Volume, VolumeStatus,
};

use super::run::{self, Accept, Accepting};
use super::{Wish, connect, connector, find, reserve};
use crate::{ApiContext, Refusal};

/// What Cinder writes for a mode that nobody has said.
const NO_MODE: &str = "null";

/// Creates the attachment; with a connector it is connected when this answers.
///
/// # Errors
/// 404, 400 by the volume's status; 500 when the backend cannot connect the host: the attachment is there then and says
/// `error_attaching`. 503 when its end cannot be waited for.
pub async fn create(
    cx: &ApiContext,
    caller: &Caller,
    wish: Wish,
) -> Result<AttachmentDetail, Refusal> {
    let id = AttachmentId::random();
    let volume = wish.volume;
    match wish.connector.clone() {
        None => {
            let now = cx.clock.now();
            transact!(cx.db, tx => reserved_alone(tx, caller, id, &wish, now).await)?;
        }
        Some(host) => {
            connector::check(&host)?;
            // A server that moves to another host has the volume on both for a while.
            let asked = connect::Asked {
                flow: FlowId::fresh(),
                attachment: Some(id),
                connector: host,
                alone: false,
            };
            let flow = asked.flow;
            let _waits = run::store(cx, caller, volume, Create { id, wish, asked }).await?;
            connect::connected(cx, flow, "Unable to create attachment for volume").await?;
        }
    }
    let found = attachments::get(&mut cx.db.read().await?, id).await?;
    found.ok_or_else(|| Refusal::NoAttachment(id.to_string()))
}

async fn reserved_alone(
    tx: &mut Tx,
    caller: &Caller,
    id: AttachmentId,
    wish: &Wish,
    now: Timestamp,
) -> Result<(), Refusal> {
    let volume = find::locked(tx, caller, wish.volume).await?;
    reserved(tx, &volume, id, wish, now).await
}

struct Create {
    id: AttachmentId,
    wish: Wish,
    asked: connect::Asked,
}

impl Accept for Create {
    fn store<'a>(
        &'a self,
        to: Accepting<'a>,
        volume: Volume,
    ) -> BoxFuture<'a, Result<Option<NewFlow>, Refusal>> {
        Box::pin(async move {
            let Accepting { cx, tx, caller, at, now } = to;
            reserved(tx, &volume, self.id, &self.wish, now).await?;
            connect::store(cx, tx, caller, (&volume, &self.asked), at, now).await.map(Some)
        })
    }
}

/// The volume, whose row is locked, is kept for the attachment.
async fn reserved(
    tx: &mut Tx,
    volume: &Volume,
    id: AttachmentId,
    wish: &Wish,
    now: Timestamp,
) -> Result<(), Refusal> {
    if volume.status.as_str().contains("error") {
        return Err(Refusal::invalid_volume(format!(
            "Volume attachments can not be created if the volume is in an error state. The Volume {} \
             currently has a status of: {} ",
            volume.id, volume.status
        )));
    }
    keep(tx, volume, wish, now).await?;
    // Cinder takes the text 'False' for read-only too.
    let mode = if find::is_read_only(tx, volume.id).await? {
        "ro"
    } else {
        wish.mode.as_deref().unwrap_or(NO_MODE)
    };
    let attachment = Attachment {
        id,
        volume_id: volume.id,
        instance_uuid: wish.instance.clone(),
        attached_host: None,
        mountpoint: None,
        attach_mode: Some(mode.to_owned()),
        attach_status: AttachStatus::Reserved,
        attach_time: None,
        detach_time: None,
    };
    Ok(attachments::insert(tx, &attachment, now).await?)
}

/// `reserved`, from a status that allows it. A server that has the volume already may have another attachment of it:
/// it moves to another host. The status stays then.
async fn keep(tx: &mut Tx, volume: &Volume, wish: &Wish, now: Timestamp) -> Result<(), Refusal> {
    let from: &[VolumeStatus] = if volume.multiattach {
        &[VolumeStatus::Available, VolumeStatus::InUse, VolumeStatus::Downloading]
    } else {
        &[VolumeStatus::Available, VolumeStatus::Downloading]
    };
    let now = match volumes::transition(tx, volume.id, from, VolumeStatus::Reserved, now).await? {
        Moved::Done => return Ok(()),
        Moved::Gone => return Err(Refusal::no_volume(volume.id)),
        Moved::Refused { now } => now,
    };
    if wish.instance.is_some() && matches!(now, VolumeStatus::InUse | VolumeStatus::Reserved) {
        let all = attachments::of_volume(tx, volume.id).await?;
        if all.iter().any(|other| other.instance_uuid == wish.instance) {
            return Ok(());
        }
    }
    Err(Refusal::invalid_volume(format!(
        "Volume {} status must be {} to reserve, but the current status is {now}.",
        volume.id,
        reserve::any_of(from)
    )))
}
