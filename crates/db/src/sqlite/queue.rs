//! The queue before the one writer.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::precedence::Precedence;

/// A lock with two ways to it. Those who go in turn wait for each other first, so that of them only one stands in the queue
/// in which the others are: those wait for their like and one more, and nobody for ever.
pub(super) struct Queue<T> {
    in_turn: Mutex<()>,
    lock: Arc<Mutex<T>>,
}

impl<T> Queue<T> {
    pub(super) fn new(value: T) -> Self {
        Self { in_turn: Mutex::new(()), lock: Arc::new(Mutex::new(value)) }
    }

    pub(super) async fn enter(&self, precedence: Precedence) -> OwnedMutexGuard<T> {
        let _turn = match precedence {
            Precedence::Ahead => None,
            Precedence::InTurn => Some(self.in_turn.lock().await),
        };
        Arc::clone(&self.lock).lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn ahead_means_after_one_of_those_in_turn() {
        let queue = Queue::new(Vec::new());
        let first = queue.enter(Precedence::InTurn).await;
        let enter = |name: &'static str, precedence| {
            let entered = queue.enter(precedence);
            async move { entered.await.push(name) }
        };
        let mut waiting = [
            enter("a", Precedence::InTurn).boxed_local(),
            enter("b", Precedence::InTurn).boxed_local(),
            enter("c", Precedence::InTurn).boxed_local(),
            enter("x", Precedence::Ahead).boxed_local(),
            enter("y", Precedence::Ahead).boxed_local(),
        ];
        for one in &mut waiting {
            assert!(one.now_or_never().is_none(), "the lock is taken");
        }
        drop(first);
        futures::future::join_all(waiting).await;
        assert_eq!(*queue.enter(Precedence::Ahead).await, ["a", "x", "y", "b", "c"]);
    }
}
