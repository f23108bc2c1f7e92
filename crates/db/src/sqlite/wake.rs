//! How the committer is woken.
//!
//! It is called to come in its turn or ahead of it, each in a way of its own: a committer that waits for its turn is not woken by
//! each call to do so, which would take a switch of threads. In each way one call waits at most, since a COMMIT makes everything
//! permanent that there is.

use tokio::sync::OwnedMutexGuard;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::queue::Queue;
use crate::precedence::Precedence;

/// Wakes the committer, which ends when all of these are dropped.
#[derive(Clone)]
pub(super) struct Bell {
    in_turn: Sender<()>,
    ahead: Sender<()>,
}

/// The committer's side.
pub(super) struct Woken {
    in_turn: Receiver<()>,
    ahead: Receiver<()>,
}

pub(super) fn bell() -> (Bell, Woken) {
    let (in_turn, woken_in_turn) = mpsc::channel(1);
    let (ahead, woken_ahead) = mpsc::channel(1);
    (Bell { in_turn, ahead }, Woken { in_turn: woken_in_turn, ahead: woken_ahead })
}

impl Bell {
    /// Asks for a COMMIT of what is in the queue's value now; false when there is no committer any more.
    pub(super) fn ring(&self, called: Precedence) -> bool {
        let way = match called {
            Precedence::Ahead => &self.ahead,
            Precedence::InTurn => &self.in_turn,
        };
        // A full way has a call that nobody has heard yet: it does for both.
        !matches!(way.try_send(()), Err(TrySendError::Closed(())))
    }
}

impl Woken {
    /// Waits for a call, and says how the committer is to come; none once nobody can ring any more.
    pub(super) async fn next(&mut self) -> Option<Precedence> {
        tokio::select! {
            biased;
            Some(()) = self.ahead.recv() => Some(Precedence::Ahead),
            Some(()) = self.in_turn.recv() => Some(Precedence::InTurn),
            else => None,
        }
    }

    /// The queue's value, with everything in it that was to be committed when this was called. Who waits in turn goes ahead
    /// once called to. Whoever has rung before this returns is served by it and heard no more.
    pub(super) async fn enter<T>(
        &mut self,
        precedence: Precedence,
        queue: &Queue<T>,
    ) -> OwnedMutexGuard<T> {
        let entered = self.wait_for(precedence, queue).await;
        while self.ahead.try_recv().is_ok() {}
        while self.in_turn.try_recv().is_ok() {}
        entered
    }

    async fn wait_for<T>(
        &mut self,
        precedence: Precedence,
        queue: &Queue<T>,
    ) -> OwnedMutexGuard<T> {
        if precedence == Precedence::InTurn {
            tokio::select! {
                entered = queue.enter(precedence) => return entered,
                Some(()) = self.ahead.recv() => {}
            }
        }
        queue.enter(Precedence::Ahead).await
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn whoever_rang_before_the_committer_entered_is_heard_once() {
        let (bell, mut woken) = bell();
        let queue = Queue::new(());
        for precedence in [Precedence::InTurn, Precedence::Ahead, Precedence::InTurn] {
            assert!(bell.ring(precedence));
        }
        assert_eq!(
            woken.next().await,
            Some(Precedence::Ahead),
            "a call to go ahead is heard first"
        );
        drop(woken.enter(Precedence::Ahead, &queue).await);
        assert!(woken.next().now_or_never().is_none(), "all were served by that one");
        assert!(bell.ring(Precedence::InTurn));
        assert_eq!(woken.next().await, Some(Precedence::InTurn), "who rings later is heard again");
    }

    #[tokio::test]
    async fn a_committer_that_waits_in_turn_goes_ahead_once_it_is_called_to() {
        let (bell, mut woken) = bell();
        let queue = Queue::new(());
        let inside = queue.enter(Precedence::InTurn).await;
        let mut others = [
            queue.enter(Precedence::InTurn).boxed_local(),
            queue.enter(Precedence::InTurn).boxed_local(),
        ];
        for other in &mut others {
            assert!(other.now_or_never().is_none(), "the value is taken");
        }
        let mut entering = woken.enter(Precedence::InTurn, &queue).boxed_local();
        assert!((&mut entering).now_or_never().is_none());
        assert!(bell.ring(Precedence::Ahead));
        assert!((&mut entering).now_or_never().is_none(), "the value is still taken");
        drop(inside);
        let [first, second] = &mut others;
        drop(first.now_or_never().expect("it stood in the queue already"));
        drop(entering.now_or_never().expect("it comes before those who wait in turn"));
        drop(second.await);
    }

    #[tokio::test]
    async fn the_committer_ends_when_nobody_can_ring_any_more() {
        let (bell, mut woken) = bell();
        let other = bell.clone();
        assert!(other.ring(Precedence::InTurn));
        drop((bell, other));
        assert_eq!(woken.next().await, Some(Precedence::InTurn), "what was rung is heard");
        assert_eq!(woken.next().await, None);
    }

    #[tokio::test]
    async fn who_rings_without_a_committer_hears_so() {
        let (bell, woken) = bell();
        drop(woken);
        assert!(!bell.ring(Precedence::InTurn));
        assert!(!bell.ring(Precedence::Ahead));
    }
}
