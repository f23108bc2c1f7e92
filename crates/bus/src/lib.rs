//! The doorbell between roles: it says that work may be waiting, and carries nothing else.
//!
//! The table is the truth. A ring that is lost costs one poll interval of the runner, never work, so the
//! bus may be as light as it likes. In one process it is [`Bus::local`]; between processes on one
//! database the runners poll.

use std::sync::Arc;

use tokio::sync::Notify;

/// The bells of a process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Bus {
    work: Arc<Notify>,
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
}
