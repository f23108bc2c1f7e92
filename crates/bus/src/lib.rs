//! The doorbell between roles: it says that work may be waiting, and carries nothing else.
//!
//! The table is the truth. A ring that is lost costs one poll interval of the runner, never work, so the
//! bus may be as light as it likes. In one process it is [`Bus::local`]; between processes on one
//! database the runners poll. [`rabbit`] is no part of that: it carries notifications out of the house.

pub mod rabbit;

use std::sync::Arc;

use ashlar_types::FlowId;
use tokio::sync::{Notify, broadcast};

/// Ends that are remembered for a listener that is busy. One that misses some looks at the table.
const ENDS: usize = 1024;

/// The bells of a process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bus {
    work: Arc<Notify>,
    ends: broadcast::Sender<FlowId>,
}

impl Default for Bus {
    fn default() -> Self {
        Self { work: Arc::default(), ends: broadcast::Sender::new(ENDS) }
    }
}

impl Bus {
    /// Bells for the roles of one process.
    #[must_use]
    pub fn local() -> Self {
        Self::default()
    }

    /// There may be work for a role of this process.
    pub fn ring(&self) {
        self.work.notify_one();
    }

    /// The flow is over. Heard by those in this process who wait for one.
    pub fn end(&self, flow: FlowId) {
        // Nobody listens, most of the time.
        let _ = self.ends.send(flow);
    }

    /// Tells of flows that end in this process from now on.
    #[must_use]
    pub fn ends(&self) -> broadcast::Receiver<FlowId> {
        self.ends.subscribe()
    }

    /// The bell that a runner waits for.
    #[must_use]
    pub fn bell(&self) -> Arc<Notify> {
        Arc::clone(&self.work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_ring_before_the_wait_is_heard() {
        let bus = Bus::local();
        bus.ring();
        bus.bell().notified().await;
    }

    #[tokio::test]
    async fn an_end_is_heard_by_all_who_listen() {
        let bus = Bus::local();
        let flow = FlowId::fresh();
        bus.end(FlowId::fresh());
        let (mut one, mut two) = (bus.ends(), bus.ends());
        bus.end(flow);
        assert_eq!((one.recv().await, two.recv().await), (Ok(flow), Ok(flow)));
    }
}
