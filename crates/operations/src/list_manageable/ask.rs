//! Asking, in the API's process, and waiting for the answer.

use ashlar_db::{DbError, answers, transact};
use ashlar_flow::Subject;
use ashlar_types::{BackendName, Caller, FlowId, VolumeId};

use super::{Item, LIST_MANAGEABLE, Of, Page, State, Told};
use crate::manage::{self, At};
use crate::submit::to_the_end;
use crate::waiting::Ended;
use crate::{ApiContext, Refusal};

/// What lies on the backend, ours and others'.
///
/// # Errors
/// 404 when there is no such service, 400 when it is down or the marker is not there, 503 when too many wait already or
/// it takes too long.
pub async fn ask(
    cx: &ApiContext,
    caller: &Caller,
    at: At,
    (of, page): (Of, Page),
) -> Result<Vec<Item>, Refusal> {
    let service = manage::service(cx, &mut cx.db.read().await?, &at).await?;
    let backend = BackendName(service.ok_or_else(|| at.missing())?.host);
    // Such questions are about no volume; they share the backend's places with those that are.
    let _waits = cx.waiting.place(&backend, VolumeId::random())?;
    let flow = FlowId::fresh();
    let marker = page.marker.clone();
    let until = cx.clock.now().after(cx.settings.answer_within);
    let state = State { flow, backend: backend.0.clone(), pool: at.pool(), of, page, until };
    start(cx, caller, &state, &backend).await?;
    match cx.ended(flow, cx.settings.answer_within).await {
        Ended::Done => {}
        Ended::Failed(text) if cx.clock.now() < until => return Err(Refusal::Failed(text)),
        // At that moment the flow gives up, too, and may be heard of first.
        Ended::Failed(_) | Ended::NotYet => {
            return Err(Refusal::Unavailable(
                "The storage backend takes too long to list what it has. Try again later."
                    .to_owned(),
            ));
        }
    }
    let told: Result<Option<String>, DbError> =
        transact!(cx.db, tx => answers::take(tx, flow).await);
    let told = told?.and_then(|text| serde_json::from_str(&text).ok());
    match told {
        Some(Told::Items(items)) => Ok(items),
        Some(Told::NoMarker) => {
            let marker = marker.map(|marker| marker.to_string()).unwrap_or_default();
            Err(Refusal::invalid_input(format!("marker not found: {marker}")))
        }
        None => Err(Refusal::Failed("The answer of the storage backend was lost.".to_owned())),
    }
}

async fn start(
    cx: &ApiContext,
    caller: &Caller,
    state: &State,
    backend: &BackendName,
) -> Result<(), Refusal> {
    let subject = Subject {
        kind: "backend".to_owned(),
        // The column is as wide as an identity; which backend it is stands in the state.
        id: state.flow.to_string(),
        project_id: caller.project_id.clone(),
        request_id: caller.request_id.clone(),
    };
    let new = LIST_MANAGEABLE.new_row(state.flow, state, subject, cx.clock.now());
    let (cx, backend) = (cx.clone(), backend.clone());
    to_the_end(async move {
        let place = cx.place_at(&backend);
        let stored: Result<(), DbError> =
            transact!(cx.db, tx => cx.store_flow(tx, &new, &place).await);
        stored?;
        cx.start_flow(&new, place);
        Ok(())
    })
    .await
}
