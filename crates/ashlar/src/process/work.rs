//! Work in the background: it runs until told to stop, and its unexpected end is the end of the process.

use std::future::Future;

use anyhow::{anyhow, bail};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

/// What runs in the background of a process.
pub(crate) struct Work {
    tasks: JoinSet<&'static str>,
    /// Tells all of it to stop.
    stop: CancellationToken,
}

impl Work {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self { tasks: JoinSet::new(), stop: CancellationToken::new() }
    }

    /// What its tasks wait for to end.
    pub(crate) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Adds work of this name, which ends once [`Self::stop`] is cancelled and not before.
    pub(crate) fn add(
        &mut self,
        name: &'static str,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        self.tasks.spawn(async move {
            work.await;
            name
        });
    }

    /// Runs until `front` ends, the part that people see; then tells the rest to stop and waits for it, so
    /// that what `front` accepted last is still worked on.
    ///
    /// # Errors
    /// Something in the background ended by itself or panicked; the rest was told to stop and was waited for.
    pub(crate) async fn run_behind(
        mut self,
        front: impl Future<Output = ()>,
    ) -> anyhow::Result<()> {
        let early = tokio::select! {
            () = front => None,
            Some(ended) = self.tasks.join_next() => Some(name_of(ended)),
        };
        self.stop.cancel();
        let mut broken = None;
        while let Some(ended) = self.tasks.join_next().await {
            broken = broken.or(name_of(ended).err());
        }
        match (early, broken) {
            (Some(Ok(name)), _) => bail!("the {name} ended without being told to"),
            (Some(Err(error)), _) | (None, Some(error)) => Err(error),
            (None, None) => Ok(()),
        }
    }
}

fn name_of(ended: Result<&'static str, JoinError>) -> anyhow::Result<&'static str> {
    ended.map_err(|error| anyhow!("work in the background failed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_front_ends_first_and_the_work_behind_it_is_waited_for() {
        let mut work = Work::new();
        let (stop, told) = (work.stop(), work.stop());
        work.add("worker", async move { stop.cancelled().await });
        work.run_behind(async move { assert!(!told.is_cancelled()) }).await.expect("a good end");
    }

    #[tokio::test]
    async fn work_that_ends_by_itself_ends_the_process() {
        let mut work = Work::new();
        work.add("worker", async {});
        let error = work.run_behind(std::future::pending()).await.expect_err("it ended");
        assert_eq!(error.to_string(), "the worker ended without being told to");
    }
}
