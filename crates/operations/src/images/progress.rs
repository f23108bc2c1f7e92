//! How far a transfer or conversion has come: counted for the metrics at once, noted in the flow once a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ashlar_db::flows::{self, Progress};
use ashlar_db::{Db, DbError, transact};
use ashlar_types::{FlowId, metric};
use tokio::task::JoinHandle;

/// How often it is noted.
const INTERVAL: Duration = Duration::from_secs(1);

/// Notes how far something has come, as long as it lives.
pub(crate) struct Reporter {
    done: Arc<AtomicU64>,
    /// Counts bytes under this direction; none where no bytes come or go.
    direction: Option<&'static str>,
    noting: JoinHandle<()>,
}

impl Reporter {
    /// Reports for `flow`: `what` is being done, of `total` bytes where that is known.
    pub(crate) fn start(
        db: &Db,
        flow: FlowId,
        what: &'static str,
        total: Option<u64>,
        direction: Option<&'static str>,
    ) -> Self {
        let done = Arc::new(AtomicU64::new(0));
        let (db, seen) = (db.clone(), Arc::clone(&done));
        let noting = tokio::spawn(async move {
            let mut noted = None;
            loop {
                tokio::time::sleep(INTERVAL).await;
                let done = seen.load(Ordering::Relaxed);
                if noted.replace(done) == Some(done) {
                    continue;
                }
                let progress = Progress { what: what.to_owned(), done, total };
                if let Err(error) = note(&db, flow, &progress).await {
                    tracing::debug!(%error, %flow, "its progress is not noted");
                }
            }
        });
        Self { done, direction, noting }
    }

    /// So many bytes are done, from the beginning on.
    pub(crate) fn come_to(&self, done: u64) {
        let before = self.done.swap(done, Ordering::Relaxed);
        if let Some(direction) = self.direction {
            metrics::counter!(metric::IMAGE_BYTES, "direction" => direction)
                .increment(done.saturating_sub(before));
        }
    }

    /// Ends it for good. Dropping it does not wait for a note that is being written, and that could come after one
    /// that is written next.
    pub(crate) async fn end(mut self) {
        self.noting.abort();
        // Cancelled, or it panicked: either way it writes nothing any more.
        let _ = (&mut self.noting).await;
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.noting.abort();
    }
}

/// Writes it down.
pub(crate) async fn note(db: &Db, flow: FlowId, progress: &Progress) -> Result<(), DbError> {
    transact!(db, tx => flows::set_progress(tx, flow, progress).await)
}
