//! Placing volumes, many at once: a scheduler takes all requests that wait, chooses for one after the other on its picture
//! of the pools, and admits all of them in one transaction on the locked rows of the pools chosen.
//!
//! What a batch saves is the round trips and the commit; nothing is decided otherwise than one by one.

mod batch;
mod commit;
#[cfg(test)]
mod tests;
mod together;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ashlar_db::volume_types::{self, Visibility};
use ashlar_db::{Db, DbError, Engine, Tx};
use ashlar_placement::{Facts, Rules};
use ashlar_types::{Clock, FlowId, PoolName, RequestSpec, VolumeType, metric};
use tokio::sync::oneshot;

use crate::Settings;
use crate::pool_table::PoolTable;

/// Requests that one transaction places.
const MOST_IN_A_BATCH: usize = 256;
/// The same where nobody else can write meanwhile, and more would save little.
const MOST_BEFORE_OTHERS: usize = 32;

/// Types that are looked at for "this type would have fitted".
const MOST_TYPES: usize = 100;

/// The types that could be suggested to a project for which no pool will do.
pub(crate) async fn types_to_suggest(
    tx: &mut Tx,
    project: &str,
) -> Result<Vec<VolumeType>, DbError> {
    volume_types::some(tx, &Visibility::Project(project.to_owned()), MOST_TYPES).await
}

/// A request that waits for a pool.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The flow that asks and is promised the capacity.
    pub flow: FlowId,
    /// What is asked for.
    pub spec: Arc<RequestSpec>,
    /// Where it failed before.
    pub tried: Vec<PoolName>,
    /// What was looked up for it.
    pub facts: Facts,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed {
    /// The pool holds the capacity, and the volume's row names it.
    At(PoolName),
    /// No pool will do; why, in one line. The decision is stored.
    Nowhere(String),
}

/// A request that could not be decided now.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PlacingError {
    /// The database failed.
    #[error("the placement could not be stored")]
    Database(#[source] Arc<DbError>),
    /// Others were faster, again and again.
    #[error("the pools change faster than one can be chosen")]
    Contended,
    /// Another worker has carried the flow on meanwhile.
    #[error("the flow is no longer at this task")]
    MovedOn,
    /// The batch ended without an answer: the process stops, or the batch panicked.
    #[error("the placement ended without an answer")]
    Stopped,
}

/// Places volumes. Cheap to clone; clones share the queue.
#[derive(Clone)]
pub struct Placer {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    clock: Clock,
    rules: Rules,
    pools: PoolTable,
    queue: Mutex<Queue>,
    /// For the notifications that tell of what was placed.
    settings: Arc<Settings>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// Somebody takes from it.
    tended: bool,
}

impl Queue {
    /// Puts those who were taken out before the others again.
    fn put_back(&mut self, first: Vec<Waiting>) {
        for waiting in first.into_iter().rev() {
            self.waiting.push_front(waiting);
        }
    }
}

struct Waiting {
    wanted: Wanted,
    answer: oneshot::Sender<Result<Placed, PlacingError>>,
}

impl Placer {
    /// Places by `rules` on the pools of `pools`.
    #[must_use]
    pub fn new(db: Db, clock: Clock, rules: Rules, pools: PoolTable) -> Self {
        let (queue, settings) = (Mutex::default(), Arc::default());
        Self { inner: Arc::new(Inner { db, clock, rules, pools, queue, settings }) }
    }

    /// As [`Placer::new`], and what it places is told of as `settings` say.
    #[must_use]
    pub fn telling(
        (db, clock): (Db, Clock),
        rules: Rules,
        pools: PoolTable,
        settings: Arc<Settings>,
    ) -> Self {
        let queue = Mutex::default();
        Self { inner: Arc::new(Inner { db, clock, rules, pools, queue, settings }) }
    }

    /// Chooses a pool, and holds the capacity there. It is safe to ask again after a crash: what is held for the flow
    /// already is the answer.
    ///
    /// # Errors
    /// [`PlacingError`]
    pub async fn place(&self, wanted: Wanted) -> Result<Placed, PlacingError> {
        let (answer, answered) = oneshot::channel();
        let tend = {
            let mut queue = self.inner.queue();
            queue.waiting.push_back(Waiting { wanted, answer });
            !std::mem::replace(&mut queue.tended, true)
        };
        if tend {
            let inner = Arc::clone(&self.inner);
            tokio::spawn(async move { inner.tend().await });
        }
        answered.await.unwrap_or(Err(PlacingError::Stopped))
    }
}

impl Inner {
    /// Takes batches until nobody waits.
    async fn tend(self: &Arc<Self>) {
        // Should a batch panic, the next request must find nobody at the queue.
        let untended = Untended(self);
        let most = match self.db.engine() {
            Engine::Sqlite => MOST_BEFORE_OTHERS,
            Engine::Postgres | Engine::Mysql => MOST_IN_A_BATCH,
        };
        loop {
            let waiting: Vec<Waiting> = {
                let mut queue = self.queue();
                if queue.waiting.is_empty() {
                    queue.tended = false;
                    std::mem::forget(untended);
                    return;
                }
                let most = queue.waiting.len().min(most);
                queue.waiting.drain(..most).collect()
            };
            metrics::histogram!(metric::PLACEMENT_BATCH_SIZE).record(waiting.len() as f64);
            self.place_all(waiting).await;
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the queue up when a batch ends in a panic. Those of the batch are answered by their dropped senders; who waits
/// behind it is served with the next request.
struct Untended<'i>(&'i Inner);

impl Drop for Untended<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("a batch of placements panicked; those that waited ask again");
        }
        let mut queue = self.0.queue();
        queue.tended = false;
        queue.waiting.clear();
    }
}
