//! The threads of a process: as many as cores, and at least two, so that a call that takes long on one does not hold up
//! the rest.

use std::future::Future;
use std::num::NonZero;

use anyhow::Context as _;
use tokio::runtime::{Builder, Runtime};

/// Tasks that a thread runs between two looks at what other threads woke.
const GLOBAL_QUEUE_INTERVAL: u32 = 3;
/// Tasks that a thread runs between two looks at the network and the timers.
const EVENT_INTERVAL: u32 = 5;
/// How much nicer than the process threads are that take what is left.
const NICER: i32 = 10;

/// What threads have of the cores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    /// As much as any.
    Full,
    /// What the process's other threads leave, and a tenth when they leave nothing. Beside other processes that is the same
    /// only where no control group (a service of systemd's has one) keeps the processes apart.
    WhatIsLeft,
}

/// Starts threads of this name.
///
/// # Errors
/// The system has none left.
pub(crate) fn start(name: &str, share: Share) -> anyhow::Result<Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Builder::new_multi_thread()
        .worker_threads(cores.max(2))
        .thread_name(name)
        .on_thread_start(move || {
            if share == Share::WhatIsLeft {
                // It concerns this thread alone. Where it may not be, work is done all the same.
                let nice = rustix::process::getpriority_process(None).unwrap_or_default();
                let _ = rustix::process::setpriority_process(None, nice + NICER);
            }
        })
        // Who is woken by a COMMIT or by the network is not to wait until dozens of others had their turn.
        .global_queue_interval(GLOBAL_QUEUE_INTERVAL)
        .event_interval(EVENT_INTERVAL)
        .enable_all()
        .build()
        .context("cannot start threads")
}

/// Runs `work` to its end on threads of this name. Threads that are deep in a copy then do not hold up the end: such work is
/// resumed by the next start, as after a crash.
///
/// # Errors
/// Those of `work` and of [`start`].
pub(crate) fn run<T>(
    name: &str,
    share: Share,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let runtime = start(name, share)?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_background();
    outcome
}
