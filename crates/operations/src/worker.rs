//! Putting a runner together for the roles that a process plays.

use std::collections::HashMap;
use std::sync::Arc;

use ashlar_bus::Bus;
use ashlar_db::Db;
use ashlar_db::flows::FlowStore;
use ashlar_flow::run::Parts;
use ashlar_flow::{Contexts, Event, Interrupt, Listener, Runner, Store, StoreError, listen};
use ashlar_types::Clock;

use crate::context::House;
use crate::{SchedulerContext, VolumeContext, registry};

/// What a worker is made of.
pub struct Worker {
    /// The database.
    pub db: Db,
    /// The doorbell.
    pub bus: Bus,
    /// The time.
    pub clock: Clock,
    /// What the process is and where, for instance `volume@node-1`: an earlier life of the same
    /// service had the same.
    pub service: String,
    /// Present when the process is a scheduler.
    pub scheduler: Option<SchedulerContext>,
    /// By `host@backend`.
    pub volumes: HashMap<String, VolumeContext>,
    /// Lease, poll interval, concurrency.
    pub settings: ashlar_flow::Settings,
    /// Trouble, in tests.
    pub interrupt: Option<Arc<dyn Interrupt>>,
}

impl Worker {
    /// The runner. It works once [`Runner::run`] is called.
    #[must_use]
    pub fn runner(self) -> Runner<House> {
        let bell = self.bus.bell();
        let bus = self.bus;
        let ends = Ends(bus.clone());
        Runner::new(Parts {
            store: FlowStore::new(self.db),
            registry: registry::flows(),
            contexts: Contexts { scheduler: self.scheduler, volumes: self.volumes },
            worker: format!("{}/{}", self.service, ashlar_types::FlowId::fresh().0.simple()),
            clock: self.clock,
            settings: self.settings,
            bell,
            doorbell: Arc::new(move |_, _| bus.ring()),
            listeners: vec![Box::new(listen::Log), Box::new(listen::Metrics), Box::new(ends)],
            interrupt: self.interrupt,
        })
    }
}

/// Tells those who wait in this process that a flow is over.
struct Ends(Bus);

impl Listener for Ends {
    fn hear(&self, event: &Event<'_>) {
        if event.record.phase.is_over() {
            self.0.end(event.record.id);
        }
    }
}

/// Gives up the claims of earlier lives of this service, so that what they left is taken up at once.
/// With `alone`, of every worker there is: for a process that has the database to itself.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub async fn release_earlier_lives(
    db: &Db,
    runner: &Runner<House>,
    alone: bool,
) -> Result<u64, StoreError> {
    let service = runner.worker().rsplit_once('/').map_or("", |(service, _)| service);
    let prefix = if alone { String::new() } else { format!("{service}/") };
    FlowStore::new(db.clone()).release(&prefix, Some(runner.worker())).await
}
