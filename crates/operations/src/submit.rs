//! Storing a new flow with its request, and starting it at once where a runner is at hand.

use ashlar_db::flows::{self, BirthClaim};
use ashlar_db::{DbError, Tx};
use ashlar_flow::{NewFlow, Record};
use tokio::sync::OwnedSemaphorePermit;

use crate::ApiContext;

/// A place in this process's runner, if it has one and is not full. Ask before the transaction.
pub struct Place(Option<OwnedSemaphorePermit>);

impl ApiContext {
    /// Asks this process's runner for a place for a flow about to be stored.
    #[must_use]
    pub fn place(&self) -> Place {
        Place(self.runner.as_ref().and_then(ashlar_flow::Runner::reserve))
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

    /// After the commit: starts the flow here, or rings for whoever will claim it.
    pub fn start_flow(&self, new: &NewFlow, place: Place) {
        match (&self.runner, place.0) {
            (Some(runner), Some(permit)) => runner.submit(Record::born_claimed(new), permit),
            _ => self.bus.ring(),
        }
    }
}
