//! The runner: finds work, claims it, works on many flows at once, and keeps its claims alive.

mod places;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ashlar_types::{Clock, FlowId};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Role;
use crate::drive::Claimed;
use crate::flow::{AnyFlow, World};
use crate::interrupt::{Fate, Interrupt, Moment};
use crate::listen::{Event, Listener};
use crate::record::Record;
use crate::store::{Claim, Store, StoreError};
pub use places::Place;
use places::Places;

/// What this process may work on: which roles it plays, with which means.
pub struct Contexts<W: World> {
    /// Present when it is a scheduler.
    pub scheduler: Option<W::Scheduler>,
    /// By `host@backend`, the backends that it serves.
    pub volumes: HashMap<String, W::Volume>,
}

/// How the runner behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a claim holds unless renewed; it is renewed three times as often.
    pub lease: Duration,
    /// How often it looks for work when nobody rings.
    pub poll: Duration,
    /// Flows that it works on at once as a scheduler, and for each backend: one that hangs must not keep
    /// the others from working.
    pub concurrency: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { lease: Duration::from_secs(15), poll: Duration::from_millis(200), concurrency: 64 }
    }
}

/// Rings for a role and backend elsewhere: work waits there. A hint; losing it costs a poll interval.
pub type Doorbell = Arc<dyn Fn(Role, Option<&str>) + Send + Sync>;

/// Works on flows. Cheap to clone.
pub struct Runner<W: World> {
    inner: Arc<Inner<W>>,
}

impl<W: World> Clone for Runner<W> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

struct Inner<W: World> {
    store: W::Store,
    registry: Vec<&'static dyn AnyFlow<W>>,
    contexts: Contexts<W>,
    worker: String,
    clock: Clock,
    settings: Settings,
    bell: Arc<Notify>,
    doorbell: Doorbell,
    places: Places,
    running: Mutex<HashSet<FlowId>>,
    tracker: TaskTracker,
    listeners: Vec<Box<dyn Listener>>,
    interrupt: Option<Arc<dyn Interrupt>>,
}

/// Everything that a runner is made of.
pub struct Parts<W: World> {
    /// Where flows are kept.
    pub store: W::Store,
    /// The flows there are.
    pub registry: Vec<&'static dyn AnyFlow<W>>,
    /// What this process may work on.
    pub contexts: Contexts<W>,
    /// Unique name of this life of this service: `<service>/<instance>`.
    pub worker: String,
    /// The time.
    pub clock: Clock,
    /// Behaviour.
    pub settings: Settings,
    /// Rung by others when there is work for us.
    pub bell: Arc<Notify>,
    /// Rings for others.
    pub doorbell: Doorbell,
    /// Who hears of what happens.
    pub listeners: Vec<Box<dyn Listener>>,
    /// Trouble, in tests.
    pub interrupt: Option<Arc<dyn Interrupt>>,
}

impl<W: World> Runner<W> {
    /// A runner that does nothing until [`Runner::run`].
    #[must_use]
    pub fn new(parts: Parts<W>) -> Self {
        let backends = parts.contexts.volumes.keys().cloned();
        let places = Places::new(
            parts.settings.concurrency,
            parts.contexts.scheduler.is_some(),
            backends,
            Arc::clone(&parts.bell),
        );
        Self {
            inner: Arc::new(Inner {
                store: parts.store,
                registry: parts.registry,
                contexts: parts.contexts,
                worker: parts.worker,
                clock: parts.clock,
                settings: parts.settings,
                bell: parts.bell,
                doorbell: parts.doorbell,
                places,
                running: Mutex::new(HashSet::new()),
                tracker: TaskTracker::new(),
                listeners: parts.listeners,
                interrupt: parts.interrupt,
            }),
        }
    }

    /// Its name, with which claims are made.
    #[must_use]
    pub fn worker(&self) -> &str {
        &self.inner.worker
    }

    /// The lease that claims are made with.
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.inner.settings.lease
    }

    /// Whether this process plays `role` for `target`.
    #[must_use]
    pub fn serves(&self, role: Role, target: Option<&str>) -> bool {
        match role {
            Role::Scheduler => self.inner.contexts.scheduler.is_some(),
            Role::Volume => {
                target.is_some_and(|target| self.inner.contexts.volumes.contains_key(target))
            }
        }
    }

    /// A place to work on one more flow at once, as a scheduler, if there is one. Whoever stores a new flow
    /// asks for it first: with a place the flow is born claimed and goes to [`Runner::submit`], which saves
    /// the claim's own transaction.
    #[must_use]
    pub fn reserve(&self) -> Option<Place> {
        if self.inner.tracker.is_closed() {
            return None;
        }
        self.place(Role::Scheduler, None)
    }

    /// As [`Runner::reserve`], for a flow whose first task is for the backend `target`.
    #[must_use]
    pub fn reserve_at(&self, target: &str) -> Option<Place> {
        if self.inner.tracker.is_closed() {
            return None;
        }
        self.place(Role::Volume, Some(target))
    }

    /// A place to work for this role and backend, if this process serves it and one is free.
    pub(crate) fn place(&self, role: Role, target: Option<&str>) -> Option<Place> {
        self.inner.places.take(role, target)
    }

    /// Works on a flow that was stored with this runner's claim on it.
    pub fn submit(&self, record: Record, place: Place) {
        self.start(record, Some(place));
    }

    /// Finds and works on flows until told to stop; then lets those under way come to a rest, for a
    /// while, and gives up its claims.
    pub async fn run(&self, stop: CancellationToken) {
        let renewal = tokio::spawn(self.clone().renew(stop.clone()));
        while !stop.is_cancelled() {
            let found = match self.claim().await {
                Ok(found) => found,
                Err(error) => {
                    tracing::error!(%error, worker = self.worker(), "cannot look for work");
                    0
                }
            };
            if found == 0 {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.inner.bell.notified() => {}
                    () = tokio::time::sleep(self.inner.settings.poll) => {}
                }
            }
        }
        self.inner.tracker.close();
        let patience = self.inner.settings.lease / 2;
        if tokio::time::timeout(patience, self.inner.tracker.wait()).await.is_err() {
            tracing::warn!(
                worker = self.worker(),
                "stopping with operations under way; they resume later"
            );
        }
        renewal.abort();
        if let Err(error) = self.inner.store.release(self.worker(), None).await {
            tracing::warn!(%error, "claims stay until they run out");
        }
    }

    async fn claim(&self) -> Result<usize, StoreError> {
        let known: Vec<(&str, u32)> =
            self.inner.registry.iter().map(|flow| (flow.name(), flow.version())).collect();
        let mut found = 0;
        for share in self.inner.places.free() {
            // A claim of ours that ran out, because it could not be renewed or the clock jumped, is not
            // claimed anew while we are still at it.
            let except: Vec<FlowId> = self.running().iter().copied().collect();
            let claim = Claim {
                worker: self.worker(),
                role: share.role,
                targets: &share.targets,
                known: &known,
                except: &except,
                limit: share.limit,
                now: self.inner.clock.now(),
                lease: self.inner.settings.lease,
            };
            let records = self.inner.store.claim(claim).await?;
            found += records.len();
            for record in records {
                self.start(record, None);
            }
        }
        Ok(found)
    }

    fn start(&self, record: Record, place: Option<Place>) {
        let Some(flow) = self.inner.registry.iter().find(|flow| flow.name() == record.name) else {
            tracing::error!(flow = %record.id, name = record.name, "no such operation in this version");
            return;
        };
        let (flow, runner, id) = (*flow, self.clone(), record.id);
        if !self.running().insert(id) {
            tracing::warn!(flow = %id, "this very process is still at it");
            return;
        }
        self.inner.tracker.spawn(async move {
            // Whatever happens, a panic too: what is not worked on must not be claimed for ever.
            let _running = Running { runner: &runner, id };
            let place = match place {
                Some(place) => Some(place),
                None => runner.inner.places.wait(record.role, record.target.as_deref()).await,
            };
            if let Some(place) = place {
                flow.drive(&runner, Claimed { record, place }).await;
            }
        });
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashSet<FlowId>> {
        self.inner.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn renew(self, stop: CancellationToken) {
        loop {
            tokio::time::sleep(self.inner.settings.lease / 3).await;
            let flows: Vec<FlowId> = self.running().iter().copied().collect();
            if flows.is_empty() {
                if stop.is_cancelled() {
                    return;
                }
                continue;
            }
            let until = self.inner.clock.now().after(self.inner.settings.lease);
            if let Err(error) = self.inner.store.renew(self.worker(), &flows, until).await {
                tracing::warn!(%error, "claims are not renewed");
            }
        }
    }

    pub(crate) fn store(&self) -> &W::Store {
        &self.inner.store
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    pub(crate) fn contexts(&self) -> &Contexts<W> {
        &self.inner.contexts
    }

    pub(crate) fn ring(&self, role: Role, target: Option<&str>) {
        (self.inner.doorbell)(role, target);
    }

    pub(crate) fn hear(&self, event: &Event<'_>) {
        for listener in &self.inner.listeners {
            listener.hear(event);
        }
    }

    pub(crate) fn fate(&self, flow: &str, moment: Moment<'_>) -> Fate {
        self.inner.interrupt.as_ref().map_or(Fate::Go, |interrupt| interrupt.at(flow, moment))
    }
}

/// Ends the renewal of a claim when dropped.
struct Running<'a, W: World> {
    runner: &'a Runner<W>,
    id: FlowId,
}

impl<W: World> Drop for Running<'_, W> {
    fn drop(&mut self) {
        self.runner.running().remove(&self.id);
    }
}
