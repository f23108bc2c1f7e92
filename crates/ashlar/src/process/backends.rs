//! The backends of a process: those that can work start at once, the others as soon as they can.

use std::sync::Arc;

use ashlar_volume::{Backend, NotReady, VolumeService};
use tokio_util::sync::CancellationToken;

use super::lock::{self, Lock};
use super::shared::Shared;
use super::translate;
use super::work::Work;
use crate::config::Settings;

/// The backends that are ready, and those that are not yet.
pub(crate) struct Backends {
    /// Ready.
    pub(crate) ready: VolumeService,
    late: Vec<Backend>,
    locks: Vec<Lock>,
}

impl Backends {
    /// Locks and sets up all backends of the configuration. One whose driver fails is logged and tried again
    /// later, as Cinder's volume service does.
    ///
    /// # Errors
    /// A backend is served by another process, or the database failed.
    pub(crate) async fn start(shared: &Shared, settings: &Settings) -> anyhow::Result<Self> {
        let locks = settings
            .backends
            .iter()
            .map(|backend| lock::backend(settings, backend))
            .collect::<anyhow::Result<_>>()?;
        let backends = translate::backends(shared, settings);
        let (ready, failed) = VolumeService::start_ready(backends).await?;
        let tell = |(backend, why): (Backend, NotReady)| {
            let cause = why.deepest();
            tracing::error!(error = %why, %cause, "the backend cannot start yet; trying again with every report_interval");
            backend
        };
        Ok(Self { ready, late: failed.into_iter().map(tell).collect(), locks })
    }

    /// Adds their reports, and the late ones' further attempts, to the work. `service` is the process's name,
    /// with which a late backend's tasks are claimed.
    pub(crate) fn run(self, shared: &Arc<Shared>, service: &str, work: &mut Work) {
        let Self { ready, late, locks } = self;
        let stop = work.stop();
        work.add("reports of the backends", async move {
            ready.run(stop.clone()).await;
            // Without any backend that was at once; it is no reason to end.
            stop.cancelled().await;
            drop(locks);
        });
        for backend in late {
            let (shared, service, stop) = (Arc::clone(shared), service.to_owned(), work.stop());
            work.add(
                "late backend",
                async move { run_late(&shared, service, backend, stop).await },
            );
        }
    }
}

/// Waits for the backend and then works for it. The runner that the process has is bound to the backends it
/// began with, so a late one gets its own; that hears no bell and finds its work by polling.
async fn run_late(shared: &Shared, service: String, backend: Backend, stop: CancellationToken) {
    let Some(started) = VolumeService::start_late(backend, &stop).await else { return };
    let runner = shared.late_runner(service, started.contexts());
    tokio::join!(runner.run(stop.clone()), started.run(stop));
}
