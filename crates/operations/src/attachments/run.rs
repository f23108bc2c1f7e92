//! The one shape of all requests that touch the backend: look, store rows and flow in one transaction, start the flow,
//! wait for its end.

use std::pin::Pin;

use ashlar_db::{Tx, transact};
use ashlar_flow::NewFlow;
use ashlar_types::{BackendName, Caller, Timestamp, Volume, VolumeId};

use super::find;
use crate::submit::{Place, to_the_end};
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

/// Stores what `accept` writes and starts its flow. Answers whether there is one to wait for.
///
/// # Errors
/// [`Refusal`]; nothing is written then.
pub(super) async fn store(
    cx: &ApiContext,
    caller: &Caller,
    id: VolumeId,
    accept: impl Accept,
) -> Result<bool, Refusal> {
    let (cx, caller) = (cx.clone(), caller.clone());
    to_the_end(async move {
        let backend = {
            let mut tx = cx.db.read().await?;
            let volume = find::volume(&mut tx, &caller, id).await?;
            find::backend(&cx, &mut tx, &volume).await?
        };
        let place = cx.place_at(&backend);
        let (now, at) = (cx.clock.now(), (&place, &backend));
        let new = transact!(cx.db, tx => accepted(&cx, tx, &caller, id, &accept, at, now).await)?;
        let Some(new) = new else { return Ok(false) };
        cx.start_flow(&new, place);
        Ok(true)
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
    accept.store(Accepting { cx, tx, caller, at, now }, volume).await
}
