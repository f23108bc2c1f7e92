//! Storing a new flow with its request, and starting it at once where a runner is at hand.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ashlar_db::flows::{self, BirthClaim};
use ashlar_db::{DbError, Tx, once, precedence};
use ashlar_flow::{NewFlow, Record};
use ashlar_types::BackendName;
use tracing::Instrument as _;

use crate::ApiContext;

/// A place in this process's runner, if it has one and is not full. Ask before the transaction.
pub struct Place(Option<ashlar_flow::run::Place>);

impl Place {
    /// No place: the flow is found by whoever claims it.
    pub(crate) const fn none() -> Self {
        Self(None)
    }
}

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

/// Requests that are being accepted in this process.
static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

/// How many requests are being accepted in this process, those of clients that went away included.
#[must_use]
pub fn under_way() -> usize {
    UNDER_WAY.load(Ordering::SeqCst)
}

/// One of them, as long as it lives.
struct UnderWay;

impl UnderWay {
    fn begin() -> Self {
        UNDER_WAY.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        UNDER_WAY.fetch_sub(1, Ordering::SeqCst);
    }
}

tokio::task_local! {
    static SHARE: Arc<dyn Any + Send + Sync>;
}

/// Runs `work`, which answers a request. `share` is what the request takes up of this process, its place in a gate: it is let
/// go when nothing works on the request any more, which may be later than its client hangs up.
pub fn holding<T>(
    share: Arc<dyn Any + Send + Sync>,
    work: impl Future<Output = T>,
) -> impl Future<Output = T> {
    SHARE.scope(share, work)
}

/// Runs what stores and starts a flow to its end, also when whoever waits for it goes away in the middle (a
/// client that hangs up): a flow that was stored with a claim and never started would wait for the claim
/// to run out.
pub(crate) fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = T> + Send {
    // In a box, since it is large and each layer around it would copy it.
    let work = Box::pin(work);
    async move {
        let held = (UnderWay::begin(), SHARE.try_with(Arc::clone).ok());
        let work = once::continued(precedence::continued(work)).in_current_span();
        ended(tokio::spawn(async move {
            let _held = held;
            work.await
        }))
        .await
    }
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

#[cfg(test)]
mod tests {
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn what_goes_on_without_its_client_keeps_the_share_of_its_request() {
        let (share, begun, go) = (Arc::new(()), Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, goes) = (Arc::clone(&begun), Arc::clone(&go));
        let accepting = to_the_end(async move {
            told.notify_one();
            goes.notified().await;
        });
        let held: Arc<dyn Any + Send + Sync> = share.clone();
        tokio::select! {
            () = holding(held, accepting) => panic!("nobody has let it go on"),
            () = begun.notified() => {}
        }
        assert_eq!(Arc::strong_count(&share), 2, "it goes on");
        go.notify_one();
        while Arc::strong_count(&share) > 1 {
            tokio::task::yield_now().await;
        }
    }
}
