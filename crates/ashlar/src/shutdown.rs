//! When to stop: SIGTERM or SIGINT asks everything to end in order, a second one ends at once.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// 128 and the signal's number, as shells report it.
const BY_SIGINT: i32 = 130;
const BY_SIGTERM: i32 = 143;

/// A token that is cancelled by the first signal. The second ends the process without further ado; what was
/// under way is resumed by the next start, as after any crash.
///
/// # Errors
/// The system refuses a signal handler.
pub(crate) fn on_signal() -> std::io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let cancelled = token.clone();
    tokio::spawn(async move {
        next(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping; a second signal stops at once");
        cancelled.cancel();
        let status = next(&mut terminate, &mut interrupt).await;
        std::process::exit(status);
    });
    Ok(token)
}

/// What `start` comes to, or nothing when told to stop first: a database that does not answer must not hold up
/// the end. Whatever a start leaves unfinished, the next one does.
pub(crate) async fn unless<T>(
    stop: &CancellationToken,
    start: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<Option<T>> {
    tokio::select! {
        biased;
        () = stop.cancelled() => {
            tracing::info!("stopped before it was ready");
            Ok(None)
        }
        started = start => started.map(Some),
    }
}

/// Waits for either signal and gives the exit status that belongs to it.
async fn next(terminate: &mut Signal, interrupt: &mut Signal) -> i32 {
    tokio::select! {
        _ = terminate.recv() => BY_SIGTERM,
        _ = interrupt.recv() => BY_SIGINT,
    }
}
