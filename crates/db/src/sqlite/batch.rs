//! The transactions that the next COMMIT takes along.
//!
//! The larger a batch the less each costs, and the longer lasts its COMMIT, for which whoever goes ahead has to wait. So batches
//! are small while somebody does, and else as large as they come.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::precedence::Precedence;

/// How many transactions call for a COMMIT while somebody goes ahead.
const SMALL: usize = 16;
/// How long after somebody went ahead the next who does is expected.
const EXPECTED: Duration = Duration::from_millis(500);

/// What came of a COMMIT.
pub(super) type Outcome = Result<(), Arc<rusqlite::Error>>;

#[derive(Default)]
pub(super) struct Batch {
    /// Those who wait, in the order in which they are told.
    waiting: VecDeque<oneshot::Sender<Outcome>>,
    went_ahead: Option<Instant>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes in a transaction that has ended; says how the committer is to come for it, and where its outcome is told.
    pub(super) fn add(
        &mut self,
        precedence: Precedence,
        now: Instant,
    ) -> (Precedence, oneshot::Receiver<Outcome>) {
        let (done, told) = oneshot::channel();
        match precedence {
            Precedence::Ahead => {
                self.waiting.push_front(done);
                self.went_ahead = Some(now);
            }
            Precedence::InTurn => self.waiting.push_back(done),
        }
        let expected =
            self.went_ahead.is_some_and(|last| now.saturating_duration_since(last) < EXPECTED);
        let enough = expected && self.waiting.len() >= SMALL;
        (if enough { Precedence::Ahead } else { precedence }, told)
    }

    /// Tells all of them and is empty.
    pub(super) fn tell(&mut self, outcome: &Outcome) {
        for waiting in self.waiting.drain(..) {
            // A caller that has gone away does not need the answer.
            drop(waiting.send(outcome.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures::stream::FuturesUnordered;
    use futures::{FutureExt as _, StreamExt as _};

    use super::*;

    /// How the committer is called for the last of so many that go in turn.
    fn fill(batch: &mut Batch, count: usize, now: Instant) -> Precedence {
        let mut called = Precedence::InTurn;
        for _ in 0..count {
            called = batch.add(Precedence::InTurn, now).0;
        }
        called
    }

    #[test]
    fn a_batch_is_as_large_as_it_comes_while_nobody_goes_ahead() {
        assert_eq!(fill(&mut Batch::default(), 10 * SMALL, Instant::now()), Precedence::InTurn);
    }

    #[test]
    fn a_batch_is_small_for_a_while_after_somebody_went_ahead() {
        let (mut batch, start) = (Batch::default(), Instant::now());
        assert_eq!(batch.add(Precedence::Ahead, start).0, Precedence::Ahead);
        batch.tell(&Ok(()));
        let soon = start + EXPECTED / 2;
        assert_eq!(fill(&mut batch, SMALL - 1, soon), Precedence::InTurn);
        assert_eq!(fill(&mut batch, 1, soon), Precedence::Ahead);
        assert_eq!(fill(&mut batch, 1, start + EXPECTED), Precedence::InTurn, "nobody came again");
    }

    #[test]
    fn who_goes_ahead_is_told_first_and_all_are_told_once() {
        let (mut batch, now) = (Batch::default(), Instant::now());
        let order = RefCell::new(Vec::new());
        let wait = |name: &'static str, told: oneshot::Receiver<Outcome>| {
            let order = &order;
            async move {
                told.await.expect("it is told").expect("it went well");
                order.borrow_mut().push(name);
            }
        };
        let mut all: FuturesUnordered<_> = [
            wait("first", batch.add(Precedence::InTurn, now).1),
            wait("second", batch.add(Precedence::InTurn, now).1),
            wait("ahead", batch.add(Precedence::Ahead, now).1),
        ]
        .into_iter()
        .collect();
        assert!(all.next().now_or_never().is_none(), "nobody is told yet");
        batch.tell(&Ok(()));
        assert!(batch.is_empty());
        while all.next().now_or_never().flatten().is_some() {}
        assert_eq!(*order.borrow(), ["ahead", "first", "second"]);
    }
}
