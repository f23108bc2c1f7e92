//! The volume role: it owns backends, lends the runner their drivers, and reports what they hold.

mod backend;

use std::collections::HashMap;

use ashlar_db::volumes::Deleting;
use ashlar_operations::VolumeContext;
use tokio_util::sync::CancellationToken;

pub use backend::{Backend, NotReady};

/// Name of the service row's binary, as Cinder has it.
pub const BINARY: &str = "cinder-volume";

/// The backends of a process.
pub struct VolumeService {
    backends: Vec<Backend>,
}

impl VolumeService {
    /// Sets every backend up and makes its first report.
    ///
    /// # Errors
    /// [`NotReady`] names the backend that cannot work, and why.
    pub async fn start(backends: Vec<Backend>) -> Result<Self, NotReady> {
        let mut started = Vec::with_capacity(backends.len());
        for mut backend in backends {
            backend.start(Deleting::MayBeGone).await?;
            started.push(backend);
        }
        Ok(Self { backends: started })
    }

    /// As [`Self::start`], but a backend whose driver cannot work does not keep the others from starting: it
    /// is given back with the reason, for [`Self::start_late`].
    ///
    /// # Errors
    /// [`NotReady::Database`]: what one backend meets there, all would.
    pub async fn start_ready(
        backends: Vec<Backend>,
    ) -> Result<(Self, Vec<(Backend, NotReady)>), NotReady> {
        let mut started = Vec::with_capacity(backends.len());
        let mut failed = Vec::new();
        for mut backend in backends {
            match backend.start(Deleting::MayBeGone).await {
                Ok(()) => started.push(backend),
                Err(why @ (NotReady::Driver { .. } | NotReady::Empty { .. })) => {
                    failed.push((backend, why));
                }
                Err(why @ NotReady::Database { .. }) => return Err(why),
            }
        }
        Ok((Self { backends: started }, failed))
    }

    /// Tries again with every `report_interval` to set the backend up, until it works; `None` when told to
    /// stop before that. Each failure is logged.
    pub async fn start_late(mut backend: Backend, stop: &CancellationToken) -> Option<Self> {
        loop {
            tokio::select! {
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(backend.report_interval) => {}
            }
            match backend.start(Deleting::Counts).await {
                Ok(()) => return Some(Self { backends: vec![backend] }),
                Err(error) => {
                    let cause = error.deepest();
                    tracing::error!(%error, %cause, "the backend cannot start; trying again with every report_interval");
                }
            }
        }
    }

    /// What their tasks may touch, by `host@backend`.
    #[must_use]
    pub fn contexts(&self) -> HashMap<String, VolumeContext> {
        let context = |backend: &Backend| (backend.name.0.clone(), backend.context());
        self.backends.iter().map(context).collect()
    }

    /// Reports until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        futures::future::join_all(self.backends.iter().map(|backend| backend.run(stop.clone())))
            .await;
    }
}
