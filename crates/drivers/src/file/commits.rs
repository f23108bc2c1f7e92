//! Directory syncs, shared: whoever comes while one runs shares the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

use super::directory::Directory;
use crate::error::{DriverError, FailureKind};

/// Changes of the directory, numbered, and how far they are on disk.
#[derive(Debug, Default)]
pub(super) struct Commits {
    /// The number of the last change that asked to be on disk.
    asked: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Changes up to here are on disk.
    done: u64,
    /// Changes up to here and after `done` are lost to a failed sync. The kernel reports such a failure
    /// once only, so a second sync that succeeds proves nothing about them.
    failed: u64,
}

impl Commits {
    /// Returns when every change made before the call would survive a power failure.
    pub(super) async fn commit(&self, directory: &Arc<Directory>) -> Result<(), DriverError> {
        let mine = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut state = self.state.lock().await;
        if mine <= state.done {
            return Ok(());
        }
        if mine <= state.failed {
            return Err(DriverError::new(
                FailureKind::Broken,
                "the directory of the backend could not be synced",
            ));
        }
        let all = self.asked.load(Ordering::SeqCst);
        let synced = super::blocking(Arc::clone(directory), Directory::sync).await;
        match &synced {
            Ok(()) => state.done = all,
            Err(_) => state.failed = all,
        }
        synced
    }
}
