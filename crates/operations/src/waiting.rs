//! Waiting for the end of an operation, for requests that are answered only then.
//!
//! The end is heard at once when it comes in this process; otherwise the flow's row is looked at. Whoever waits too
//! long goes away and the flow goes on. How many wait is bounded, so that a backend that hangs does not take the API
//! with it.

use std::sync::Arc;
use std::time::Duration;

use ashlar_db::flows::{self, Standing};
use ashlar_types::FlowId;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::{ApiContext, Refusal};

/// Requests of a process that wait at the same time.
const MOST: usize = 256;
/// The first pause between two looks at the row; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// How the wait for a flow ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The flow did what it was to do.
    Done,
    /// It could not. The text is for the client; what operators want to know is in the flow's log.
    Failed(String),
    /// It is still under way, and goes on.
    NotYet,
}

/// The requests of a process that wait. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Waiting(Arc<Semaphore>);

impl Default for Waiting {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST)))
    }
}

impl Waiting {
    /// A place among those who wait. Ask before anything is stored.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`]: all are taken.
    pub fn place(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_| {
            Refusal::Unavailable(
                "Too many requests wait for the storage backends at this time. Nothing was done; try \
                 again later."
                    .to_owned(),
            )
        })
    }
}

impl ApiContext {
    /// Waits for the flow's end, but no longer than `within`.
    pub async fn ended(&self, flow: FlowId, within: Duration) -> Ended {
        // Listening begins before the first look, so that no end falls between the two.
        let mut ends = self.bus.ends();
        let until = Instant::now() + within;
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(ended) = self.look(flow).await {
                return ended;
            }
            let now = Instant::now();
            if now >= until {
                return Ended::NotYet;
            }
            tokio::select! {
                () = heard(&mut ends, flow) => {}
                () = tokio::time::sleep_until(until.min(now + pause)) => {}
            }
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    /// How the flow ended, if it has. A database that does not answer may do so at the next look.
    async fn look(&self, flow: FlowId) -> Option<Ended> {
        let standing = match self.db.read().await {
            Ok(mut tx) => flows::standing(&mut tx, flow).await,
            Err(error) => Err(error),
        };
        match standing {
            Ok(Standing::UnderWay) => None,
            Ok(Standing::Succeeded) => Some(Ended::Done),
            Ok(Standing::Reverted(_)) => Some(Ended::Failed(format!(
                "The storage backend could not do it. Operators find the reason under operation {flow}."
            ))),
            Ok(Standing::Unknown) => {
                Some(Ended::Failed(format!("The operation {flow} is not known any more.")))
            }
            Err(error) => {
                tracing::warn!(%flow, %error, "cannot see whether the operation is over");
                None
            }
        }
    }
}

/// Waits until the flow's end may have come: it was told of, or something was missed.
async fn heard(ends: &mut Receiver<FlowId>, flow: FlowId) {
    loop {
        match ends.recv().await {
            Ok(ended) if ended != flow => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
