//! Storing the flow, and its end as whoever asked wants to know it.

use ashlar_db::{Tx, attachments};
use ashlar_flow::NewFlow;
use ashlar_types::{AttachmentId, BackendName, Caller, Connector, FlowId, Timestamp, Volume};

use super::{DISCONNECT_VOLUME, State};
use crate::notify::{By, From, Letters, events};
use crate::submit::Place;
use crate::waiting::Ended;
use crate::{ApiContext, Refusal, subjects};

/// What is to be disconnected.
#[derive(Debug, Clone)]
pub(in super::super) struct Asked {
    /// The flow to be.
    pub(in super::super) flow: FlowId,
    /// The attachment that ends, if one does.
    pub(in super::super) attachment: Option<AttachmentId>,
    /// The host, if the request names it.
    pub(in super::super) connector: Option<Connector>,
    /// The attachment itself is deleted.
    pub(in super::super) is_deleted: bool,
}

/// Stores the flow for a volume whose row is locked; see [`super::super::connect::store`].
pub(in super::super) async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (volume, asked): (&Volume, &Asked),
    (place, backend): (&Place, &BackendName),
    now: Timestamp,
) -> Result<NewFlow, Refusal> {
    let pool = volume.host.clone().filter(|pool| pool.backend() == *backend);
    let pool = pool.ok_or_else(|| {
        Refusal::Unavailable(format!(
            "Volume {} is moving to another backend; try again later.",
            volume.id
        ))
    })?;
    let state = State {
        flow: asked.flow,
        volume: volume.id,
        project_id: volume.project_id.clone(),
        request_id: caller.request_id.clone(),
        name: volume.backend_name(),
        pool,
        size: volume.size,
        attachment: asked.attachment,
        connector: asked.connector.clone(),
        is_deleted: asked.is_deleted,
    };
    let subject = subjects::volume(volume.id, &volume.project_id, caller);
    let mut new = DISCONNECT_VOLUME.new_row(asked.flow, &state, subject, now);
    cx.store_next_flow(tx, &mut new, place).await?;
    if asked.attachment.is_some() {
        let mut letters = Letters::new(&cx.settings, now);
        letters.volume(tx, volume.id, From::Backend, &[events::DETACH_START]).await?;
        letters.post(tx, &By::caller(caller), now).await?;
    }
    Ok(new)
}

/// Waits for the flow's end. When the attachment is gone it is over for whoever asked, whatever else the flow does.
///
/// # Errors
/// 500 when it failed, 503 when it is still under way.
pub(in super::super) async fn disconnected(cx: &ApiContext, asked: &Asked) -> Result<(), Refusal> {
    let ended = cx.ended(asked.flow, cx.settings.answer_within).await;
    if ended == Ended::Done {
        return Ok(());
    }
    if let Some(id) = asked.attachment
        && attachments::get(&mut cx.db.read().await?, id).await?.is_none()
    {
        return Ok(());
    }
    Err(match ended {
        Ended::Failed(text) => {
            Refusal::Failed(format!("Unable to terminate volume connection from backend. {text}"))
        }
        _ => Refusal::Unavailable(format!(
            "The volume is still being disconnected by operation {}, which goes on. Look at the volume later.",
            asked.flow
        )),
    })
}
