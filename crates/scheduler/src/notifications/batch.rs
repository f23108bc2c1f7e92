//! How much of the outbox goes at once, and what follows from how much of it has gone.

/// Messages that go together.
pub(super) const PORTION: usize = 100;
/// So many messages that wait for a queue that the broker refuses are looked past.
const MOST_HELD: usize = 1000;

/// What became of a turn.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Most of a full batch has gone; there may be more.
    More,
    /// Nothing is left that can go at once, or another process sends.
    Idle,
    /// The broker has taken none of it.
    Stuck,
}

/// What became of a batch.
pub(super) struct Batch {
    /// Messages that could have been in it.
    pub(super) most: usize,
    /// Messages that were.
    pub(super) all: usize,
    /// Those that have gone.
    pub(super) gone: usize,
    /// The queue of those that have not is at fault, and not the way to the broker.
    pub(super) held_by_queue: bool,
}

impl Batch {
    /// How it goes on, and how many messages the next batch looks past, of which this one has passed `held`.
    pub(super) fn judged(&self, held: usize) -> (Turn, usize) {
        let stayed = (self.all - self.gone).min(MOST_HELD);
        let is_full = self.all == self.most;
        // What was late, and not refused, is sent again with the next.
        let passed = if self.held_by_queue { stayed } else { held.min(stayed) };
        match self.gone {
            // Others may be behind them that can go.
            0 if self.held_by_queue && is_full && stayed > held => (Turn::Idle, stayed),
            0 => (Turn::Stuck, held),
            gone if is_full && 2 * gone >= PORTION => (Turn::More, passed),
            _ => (Turn::Idle, passed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_its_queue_is_looked_past_as_far_as_that_goes() {
        let judged = |held: usize, gone, held_by_queue| {
            let most = PORTION + held;
            Batch { most, all: most, gone, held_by_queue }.judged(held)
        };
        // Nothing but messages that are held: further on there may be others.
        assert_eq!(judged(0, 0, true), (Turn::Idle, PORTION));
        assert_eq!(judged(PORTION, 0, true), (Turn::Idle, 2 * PORTION));
        assert_eq!(judged(MOST_HELD, 0, true), (Turn::Stuck, MOST_HELD));
        // The broker is away: what was known of queues is not forgotten.
        assert_eq!(judged(7, 0, false), (Turn::Stuck, 7));
        // Those behind go at full speed.
        assert_eq!(judged(PORTION, PORTION, true), (Turn::More, PORTION));
        assert_eq!(judged(0, PORTION, false), (Turn::More, 0));
        // A queue that takes few is not asked without a pause.
        assert_eq!(judged(0, 1, true), (Turn::Idle, PORTION - 1));
        // Nothing is behind them.
        let last = Batch { most: PORTION, all: 3, gone: 0, held_by_queue: true };
        assert_eq!(last.judged(0), (Turn::Stuck, 0));
    }
}
