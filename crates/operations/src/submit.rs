//! Storing a new flow with its request, and starting it at once where a runner is at hand.

use std::future::Future;

use ashlar_db::flows::{self, BirthClaim};
use ashlar_db::{DbError, Tx};
use ashlar_flow::{NewFlow, Record};
use ashlar_types::BackendName;
use tracing::Instrument as _;

use crate::ApiContext;

/// A place in this process's runner, if it has one and is not full. Ask before the transaction.
pub struct Place(Option<ashlar_flow::run::Place>);

impl ApiContext {
    /// Asks this process's runner for a place for a flow about to be stored.
    #[must_use]
    pub fn place(&self) -> Place {
        Place(self.runner.as_ref().and_then(ashlar_flow::Runner::reserve))
    }

    /// As [`ApiContext::place`], for a flow whose first task is for this backend.
    #[must_use]
    pub fn place_at(&self, backend: &BackendName) -> Place {
        Place(self.runner.as_ref().and_then(|runner| runner.reserve_at(backend.as_str())))
    }

    /// Stores the flow in the accepting transaction, claimed at birth when there is a place for it.
    ///
    /// # Errors
    /// [`DbError`], classified.
    pub async fn store_flow(
        &self,
        tx: &mut Tx,
        new: &NewFlow,
        place: &Place,
    ) -> Result<(), DbError> {
        let claim = match (&self.runner, &place.0) {
            (Some(runner), Some(_)) => {
                Some(BirthClaim { worker: runner.worker(), until: new.at.after(runner.lease()) })
            }
            _ => None,
        };
        flows::insert(tx, new, claim).await
    }

    /// As [`ApiContext::store_flow`], for a resource that other flows may be about: this one comes after
    /// them. The resource's row is locked.
    ///
    /// # Errors
    /// [`DbError`], classified.
    pub async fn store_next_flow(
        &self,
        tx: &mut Tx,
        new: &mut NewFlow,
        place: &Place,
    ) -> Result<(), DbError> {
        flows::take_turn(tx, new).await?;
        self.store_flow(tx, new, place).await
    }

    /// After the commit: starts the flow here, or rings for whoever will claim it.
    pub fn start_flow(&self, new: &NewFlow, place: Place) {
        match (&self.runner, place.0) {
            (Some(runner), Some(permit)) => runner.submit(Record::born_claimed(new), permit),
            _ => self.bus.ring(),
        }
    }
}

/// Runs what stores and starts a flow to its end, also when whoever waits for it goes away in the middle (a
/// client that hangs up): a flow that was stored with a claim and never started would wait for the claim
/// to run out.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> T {
    ended(tokio::spawn(work.in_current_span())).await
}

/// Runs `work`, which computes for a while, where it keeps nobody waiting.
pub(crate) async fn computed<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    ended(tokio::task::spawn_blocking(work)).await
}

/// What the task comes to; a panic in it goes on here.
async fn ended<T>(task: tokio::task::JoinHandle<T>) -> T {
    match task.await {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime ends, and this with it.
            Err(_) => std::future::pending().await,
        },
    }
}
