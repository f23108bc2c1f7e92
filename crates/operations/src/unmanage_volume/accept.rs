//! Accepting that a volume is forgotten, in the API's process.

use ashlar_db::{Begun, Tx, flows, messages, transact, volumes};
use ashlar_flow::NewFlow;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{Caller, FlowId, UserMessage, Volume, VolumeId};

use super::{State, UNMANAGE_VOLUME};
use crate::delete_volume::{because, remove_rows};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// Who unmanages an encrypted volume is told so in a message too.
const ENCRYPTED: UserMessage = UserMessage {
    action: Action::UnmanageVolume,
    detail: Detail::UnmanageEncrypted,
    subject: Subject::Volume,
};

/// Accepts it, or says why not.
///
/// # Errors
/// [`Refusal`]; nothing is written but, for an encrypted volume, the message.
pub async fn accept(cx: &ApiContext, caller: &Caller, id: VolumeId) -> Result<(), Refusal> {
    let (cx, caller, flow) = (cx.clone(), caller.clone(), FlowId::fresh());
    to_the_end(async move {
        let place = cx.place();
        let done = transact!(cx.db, tx => store(&cx, tx, &caller, (id, flow), &place).await)?;
        match done {
            Accepted::Flow(new) => cx.start_flow(&new, place),
            Accepted::Gone => {}
            Accepted::Encrypted => {
                let text = "Unmanaging encrypted volumes is not supported.";
                return Err(Refusal::Invalid(text.to_owned()));
            }
        }
        Ok(())
    })
    .await
}

enum Accepted {
    Flow(Box<NewFlow>),
    /// It lived nowhere.
    Gone,
    /// Refused, with a message.
    Encrypted,
}

/// The one transaction.
async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (id, flow): (VolumeId, FlowId),
    place: &Place,
) -> Result<Accepted, Refusal> {
    let now = cx.clock.now();
    // Locked before it is looked at: an operation that ends at this moment may place or grow it.
    let volume = volumes::get_for_update(tx, id).await?;
    let volume = volume
        .filter(|volume| caller.may_see(&volume.project_id))
        .ok_or_else(|| Refusal::no_volume(id))?;
    if volume.host.is_some() && volume.encryption_key_id.is_some() {
        tell_encrypted(cx, tx, caller, &volume).await?;
        return Ok(Accepted::Encrypted);
    }
    let is_offered = volumes::is_offered(tx, id).await?;
    match volumes::begin_unmanage(tx, id, now).await? {
        Begun::Done => {}
        Begun::Gone => return Err(Refusal::no_volume(id)),
        Begun::Refused(refusal) => {
            return Err(Refusal::invalid_volume(format!(
                "Volume status must be available or error or error_restoring or error_extending or \
                 error_managing and must not be migrating, attached, belong to a group, have snapshots, \
                 awaiting a transfer, or be disassociated from snapshots after volume transfer ({}).",
                because(refusal)
            )));
        }
    }
    if is_offered {
        // Cinder would forget it under who uses it.
        return Err(Refusal::invalid_volume(format!("a host is connected to volume {id}")));
    }
    if volume.host.is_none() && flows::under_way(tx, &id.to_string()).await?.is_empty() {
        remove_rows(tx, &cx.settings, &volume, &[], now).await?;
        return Ok(Accepted::Gone);
    }
    let state = State {
        flow,
        volume: id,
        size: volume.size,
        pool: volume.host.clone(),
        name: volume.backend_name(),
    };
    let subject = subjects::volume(id, &volume.project_id, caller);
    let mut new = UNMANAGE_VOLUME.new_row(flow, &state, subject, now);
    cx.store_next_flow(tx, &mut new, place).await?;
    Ok(Accepted::Flow(Box::new(new)))
}

async fn tell_encrypted(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    volume: &Volume,
) -> Result<(), Refusal> {
    let told = messages::NewMessage {
        project_id: &caller.project_id,
        request_id: &caller.request_id,
        resource_uuid: &volume.id.to_string(),
        what: ENCRYPTED,
    };
    messages::insert(tx, &told, cx.clock.now(), cx.settings.message_ttl).await?;
    Ok(())
}
