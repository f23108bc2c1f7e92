//! Storing the flow, and its end as whoever asked wants to know it.

use ashlar_db::{DbError, Tx, flows};
use ashlar_flow::NewFlow;
use ashlar_types::{AttachmentId, BackendName, Caller, Connector, FlowId, Timestamp, Volume};

use super::{CONNECT_VOLUME, Refused, State};
use crate::notify::{By, From, Letters, events};
use crate::submit::Place;
use crate::waiting::Ended;
use crate::{ApiContext, Refusal, subjects};

/// A connection that is asked for.
#[derive(Debug, Clone)]
pub(in super::super) struct Asked {
    /// The flow to be.
    pub(in super::super) flow: FlowId,
    /// The attachment, if there is one.
    pub(in super::super) attachment: Option<AttachmentId>,
    /// The host.
    pub(in super::super) connector: Connector,
    /// No other host may be connected.
    pub(in super::super) alone: bool,
}

/// Stores the flow for a volume whose row is locked. `place` is one at `backend`, and of no use when the volume lives
/// elsewhere by now.
pub(in super::super) async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (volume, asked): (&Volume, &Asked),
    (place, backend): (&Place, &BackendName),
    now: Timestamp,
) -> Result<NewFlow, Refusal> {
    let pool = volume.host.clone().filter(|pool| pool.backend() == *backend);
    let pool = pool.ok_or_else(|| moved(volume))?;
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
        alone: asked.alone,
        offered_before: false,
        connected_before: false,
        refused: None,
    };
    let subject = subjects::volume(volume.id, &volume.project_id, caller);
    let mut new = CONNECT_VOLUME.new_row(asked.flow, &state, subject, now);
    cx.store_next_flow(tx, &mut new, place).await?;
    if asked.attachment.is_some() {
        let mut letters = Letters::new(&cx.settings, now);
        letters.volume(tx, volume.id, From::Backend, &[events::ATTACH_START]).await?;
        letters.post(tx, &By::caller(caller), now).await?;
    }
    Ok(new)
}

fn moved(volume: &Volume) -> Refusal {
    Refusal::Unavailable(format!(
        "Volume {} is moving to another backend; try again later.",
        volume.id
    ))
}

/// Waits for the flow's end. `what` begins the text of a failure, for instance "Unable to update the attachment".
///
/// # Errors
/// What the backend had against it, 500 when it failed, 503 when it is still under way.
pub(in super::super) async fn connected(
    cx: &ApiContext,
    flow: FlowId,
    what: &str,
) -> Result<(), Refusal> {
    match cx.ended(flow, cx.settings.answer_within).await {
        Ended::Done => Ok(()),
        Ended::NotYet => Err(Refusal::Unavailable(format!(
            "The volume is still being connected by operation {flow}, which goes on. Look at the attachment \
             later."
        ))),
        Ended::Failed(text) => Err(match refused(cx, flow).await? {
            Some(Refused::Invalid(reason)) => Refusal::invalid_input(reason),
            Some(Refused::Conflict(reason)) => {
                Refusal::Conflict(format!("Resource conflict: {reason}"))
            }
            None => Refusal::Failed(format!("{what}. {text}")),
        }),
    }
}

/// What the flow noted against the client.
async fn refused(cx: &ApiContext, flow: FlowId) -> Result<Option<Refused>, DbError> {
    let listed = flows::get(&mut cx.db.read().await?, flow).await?;
    let state = listed.and_then(|it| serde_json::from_str::<State>(&it.record.state).ok());
    Ok(state.and_then(|state| state.refused))
}
