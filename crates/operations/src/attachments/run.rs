//! The one shape of all requests that touch the backend: look, store rows and flow in one transaction, start the flow,
//! wait for its end.

use std::pin::Pin;

use ashlar_db::{Tx, flows, transact};
use ashlar_flow::NewFlow;
use ashlar_types::{BackendName, Caller, Timestamp, Volume, VolumeId};

use super::find;
use crate::submit::{Place, to_the_end};
use crate::waiting::{WaitingPlace, too_many};
use crate::{ApiContext, Refusal};

/// A transaction in which a request's rows and its flow are written, the volume's row being locked. It may run several
/// times.
pub(super) trait Accept: Send + Sync + 'static {
    /// Writes them. No flow when the rows were all.
    fn store<'a>(
        &'a self,
        to: Accepting<'a>,
        volume: Volume,
    ) -> Pin<Box<dyn Future<Output = Result<Option<NewFlow>, Refusal>> + Send + 'a>>;
}

/// What [`Accept::store`] writes with.
pub(super) struct Accepting<'a> {
    pub(super) cx: &'a ApiContext,
    pub(super) tx: &'a mut Tx,
    pub(super) caller: &'a Caller,
    /// A place for the flow, at the backend.
    pub(super) at: (&'a Place, &'a BackendName),
    pub(super) now: Timestamp,
}

/// Operations that may be under way on one volume when a request adds one.
const MOST_UNDER_WAY: usize = 8;

/// Stores what `accept` writes and starts its flow. Answers the place in which its end may be waited for.
///
/// # Errors
/// [`Refusal`], 503 when too many wait already; nothing is written then.
pub(super) async fn store(
    cx: &ApiContext,
    caller: &Caller,
    id: VolumeId,
    accept: impl Accept,
) -> Result<WaitingPlace, Refusal> {
    let (cx, caller) = (cx.clone(), caller.clone());
    to_the_end(async move {
        let backend = {
            let mut tx = cx.db.read().await?;
            let volume = find::volume(&mut tx, &caller, id).await?;
            find::backend(&cx, &mut tx, &volume).await?
        };
        let waits = cx.waiting.place(&backend, id)?;
        let place = cx.place_at(&backend);
        let (now, at) = (cx.clock.now(), (&place, &backend));
        let new = transact!(cx.db, tx => accepted(&cx, tx, &caller, id, &accept, at, now).await)?;
        if let Some(new) = new {
            cx.start_flow(&new, place);
        }
        Ok(waits)
    })
    .await
}

async fn accepted(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    id: VolumeId,
    accept: &impl Accept,
    at: (&Place, &BackendName),
    now: Timestamp,
) -> Result<Option<NewFlow>, Refusal> {
    let volume = find::locked(tx, caller, id).await?;
    if flows::under_way(tx, &id.to_string()).await?.len() >= MOST_UNDER_WAY {
        return Err(too_many(&format!("volume {id}")));
    }
    accept.store(Accepting { cx, tx, caller, at, now }, volume).await
}
