//! The server: connections with limits and time-outs, and an orderly end.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;

use crate::answer::Longest;
use crate::app::App;
use crate::dispatch;

/// Wait after a failed accept: running out of descriptors must not become a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `app` on `listener` until `shutdown`; then lets running requests end, for as long as
/// `drain_timeout` allows.
pub async fn serve(listener: TcpListener, app: App, shutdown: CancellationToken) {
    let builder = Arc::new(connection_builder(&app));
    let graceful = GracefulShutdown::new();
    tokio::spawn(app.settings.policy.clone().follow(shutdown.clone()));
    let places = Arc::new(Semaphore::new(app.settings.max_connections));
    loop {
        let place = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let Ok(place) = place else { break };
        let stream = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let (app, builder, watcher) = (app.clone(), Arc::clone(&builder), graceful.watcher());
        tokio::spawn(async move {
            let _place = place;
            connection(stream, app, &builder, watcher).await;
        });
    }
    drop(listener);
    app.closing.cancel();
    let drain = app.settings.drain_timeout;
    if tokio::time::timeout(drain, graceful.shutdown()).await.is_err() {
        tracing::warn!(seconds = drain.as_secs(), "requests were still running at the end");
    }
}

fn connection_builder(app: &App) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(app.settings.header_timeout)
        .keep_alive(true)
        // Whoever closes its half of the connection is taken to have hung up, for that is how it looks when a client's
        // own time-out passes: its request is dropped, in whatever queue it stands.
        .half_close(false)
        .max_headers(100);
    builder
}

async fn connection(
    stream: TcpStream,
    app: App,
    builder: &auto::Builder<TokioExecutor>,
    watcher: hyper_util::server::graceful::Watcher,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    // A client that takes nothing of its answer any more, or is gone without a word, does not hold a place for ever.
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(app.settings.write_timeout));
    let stream = Box::pin(stream);
    let (told, end) = watch::channel(None);
    let told = Arc::new(told);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (app, told) = (app.clone(), Arc::clone(&told));
        async move {
            let response = dispatch::respond(&app, request).await;
            if let Some(Longest(time)) = response.extensions().get() {
                told.send_replace(Some(Instant::now() + *time));
            }
            Ok::<_, Infallible>(response)
        }
    });
    let served = watcher.watch(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        ended = served => if let Err(error) = ended {
            // Clients go away and time out; this is their affair.
            tracing::debug!(%error, "a connection ended early");
        },
        () = past(end) => tracing::debug!("a stream was cut off: its client takes it too slowly"),
    }
}

/// Waits until the moment at which the connection's stream must be over; for ever where there is none.
async fn past(mut end: watch::Receiver<Option<Instant>>) {
    let told = end.wait_for(Option::is_some).await.ok().and_then(|moment| *moment);
    match told {
        Some(moment) => tokio::time::sleep_until(moment).await,
        // The connection is ending.
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
