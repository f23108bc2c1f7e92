//! One at a time for each name: calls for the same file wait for each other, others do not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::OwnedMutexGuard;

/// Below this many names nothing is tidied up.
const FEW: usize = 64;

/// The names that somebody is working on.
#[derive(Debug, Default)]
pub(super) struct Turns {
    names: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

/// The right to work on one name, until dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _held: OwnedMutexGuard<()>,
}

impl Turns {
    /// Waits until nobody else works on `name`.
    pub(super) async fn take(&self, name: &str) -> Turn {
        let turn = self.of(name);
        Turn { _held: turn.lock_owned().await }
    }

    fn of(&self, name: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = names.get(name).and_then(Weak::upgrade) {
            return turn;
        }
        // Forgotten names go when the table would have to grow: constant work for each call, on average.
        if names.len() >= FEW && names.len() == names.capacity() {
            names.retain(|_, turn| turn.strong_count() > 0);
        }
        let turn = Arc::new(tokio::sync::Mutex::new(()));
        names.insert(name.to_owned(), Arc::downgrade(&turn));
        turn
    }
}
