//! Measures what becomes of creates when more of them come than can be done: how many are still served, how soon, and
//! whether somebody else's single client notices.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use super::http::Connection;
use super::load::{self, Times, Until};
use super::own_server::{self, OwnServer};
use super::process::Memory;
use super::target::Target;
use super::volumes;
use crate::{cargo, workspace};

/// Clients that find the peak, each with one request under way; `bench api` has as many.
const CLIENTS: usize = 16;
/// Clients of a paced load, for each peak rate that is offered.
const PACED: usize = 300;
/// How much the clients of a paced load give way to the server.
const NICE: i32 = 10;
/// What the other project's client waits between two requests.
const REST: Duration = Duration::from_millis(20);
const ACCEPTED: u16 = 202;

/// What can be said to `cargo xtask bench overload`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Seconds that each measurement takes.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How many times the peak rate is offered.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 3, 10])]
    times: Vec<usize>,
    /// A server to measure, in place of this checkout's own, which is built.
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// Measures and prints.
pub(crate) async fn run(options: Options) -> Result<ExitCode> {
    if cfg!(debug_assertions) {
        return super::in_release();
    }
    let root = workspace::root()?;
    let binary = match options.binary {
        Some(binary) => binary,
        None => cargo::build_ashlar(&root, "release")?,
    };
    let seconds = Duration::from_secs(options.seconds);
    // Every figure is of a server that begins with nothing: what a create costs grows with what there is.
    let server = OwnServer::start(&root, &binary, own_server::SIMULATED)?;
    let unloaded = alone(target(&server, "quiet")?, seconds / 2).await?;
    let loud = target(&server, "loud")?;
    let request = |number| volumes::create(&loud, number);
    let peak = load::run(&loud, CLIENTS, Until::Elapsed(seconds), ACCEPTED, request).await.rate();
    println!("peak: {peak:.0} creates/s by {CLIENTS} clients; {:.0} MiB", memory(&server)?);
    drop(server);
    println!("another project's single client, alone: {}\n", shown(&unloaded));
    println!(
        "| offered | served/s | of peak | p50 | p99 | refused/s | unsent/s | failed | other client | times | MiB |"
    );
    println!("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: |");
    for times in options.times {
        let server = OwnServer::start(&root, &binary, own_server::SIMULATED)?;
        let (loud, quiet) = (target(&server, "loud")?, target(&server, "quiet")?);
        let offer = offer(loud, times, peak, seconds);
        let (offered, other) = tokio::join!(elsewhere(offer), alone(quiet, seconds));
        let (offered, other) = (offered?, other?);
        let rate = |count: usize| count as f64 / offered.lasted.as_secs_f64();
        println!(
            "| {times} × | {:.0} | {:.0} % | {} | {} | {:.0} | {:.0} | {} | {} | {:.1} | {:.0} |",
            rate(offered.served.len()),
            100.0 * rate(offered.served.len()) / peak,
            milliseconds(offered.served.percentile(50)),
            milliseconds(offered.served.percentile(99)),
            rate(offered.refused),
            rate(offered.unsent),
            offered.failed,
            shown(&other),
            other.percentile(50).as_secs_f64() / unloaded.percentile(50).as_secs_f64(),
            memory(&server)?,
        );
        if let Some(error) = offered.first_failure {
            println!("  first failure: {error}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn target(server: &OwnServer, name: &str) -> Result<Arc<Target>> {
    let project = uuid::Uuid::new_v4().simple().to_string();
    Ok(Arc::new(Target::new(server.url(), &project, &format!("{name}:{project}"))?))
}

fn memory(server: &OwnServer) -> Result<f64> {
    Ok(Memory::of(server.id())?.peak())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn shown(times: &Times) -> String {
    let (middle, tail) = (times.percentile(50), times.percentile(99));
    format!("p50 {}, p99 {}", milliseconds(middle), milliseconds(tail))
}

/// Runs `work` on threads that give way to the server. Clients by the thousand have machines of their own elsewhere; here they
/// must not take the server's.
async fn elsewhere<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T> {
    let (tell, hear) = tokio::sync::oneshot::channel();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .on_thread_start(|| {
            // Who may not give way measures all the same.
            let _ = rustix::process::setpriority_process(None, NICE);
        })
        .enable_all()
        .build()?;
    std::thread::Builder::new().name("clients".to_owned()).spawn(move || {
        let work = runtime.spawn(work);
        // Nobody listens any more only when the measurement was given up.
        if let Ok(outcome) = runtime.block_on(work) {
            drop(tell.send(outcome));
        }
    })?;
    Ok(hear.await?)
}

/// [`single`] on a thread of its own, as somebody else's program would be: it must not queue behind the others in here.
async fn alone(target: Arc<Target>, time: Duration) -> Result<Times> {
    let (tell, hear) = tokio::sync::oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("other-client".to_owned()).spawn(move || {
        // Nobody listens any more only when the measurement was given up.
        drop(tell.send(runtime.block_on(single(&target, time))));
    })?;
    Ok(hear.await?)
}

/// One client that creates a volume, rests, and creates the next.
async fn single(target: &Arc<Target>, time: Duration) -> Times {
    let mut connection = Connection::new(target);
    let mut times = Times::default();
    let ends = Instant::now() + time;
    let mut number = 0;
    while Instant::now() < ends {
        let request = volumes::create(target, number);
        number += 1;
        let started = Instant::now();
        if let Ok(answer) = connection.send(&request).await
            && answer.status == ACCEPTED
        {
            times.add(started.elapsed());
        }
        tokio::time::sleep(REST).await;
    }
    times
}

/// What came of an offer.
#[derive(Default)]
struct Offered {
    lasted: Duration,
    /// Times of those that were served.
    served: Times,
    /// Turned away in order: 429 or 503.
    refused: usize,
    /// Whose time came while their client still waited for an answer.
    unsent: usize,
    /// Answered otherwise, or not at all.
    failed: usize,
    first_failure: Option<String>,
}

/// Offers `times` the peak for that time: clients that have something to send at fixed moments, however the last one went.
async fn offer(target: Arc<Target>, times: usize, peak: f64, time: Duration) -> Offered {
    let started = Instant::now();
    let pace = Duration::from_secs_f64(PACED as f64 / peak);
    let clients = PACED * times;
    let mut all: FuturesUnordered<_> = (0..clients)
        .map(|index| {
            let first = started + pace.mul_f64(index as f64 / clients as f64);
            client(&target, first, pace, started + time)
        })
        .collect();
    let mut sum = Offered::default();
    while let Some(part) = all.next().await {
        sum.served.extend(part.served);
        sum.refused += part.refused;
        sum.unsent += part.unsent;
        sum.failed += part.failed;
        sum.first_failure = sum.first_failure.or(part.first_failure);
    }
    sum.lasted = started.elapsed();
    sum
}

async fn client(target: &Arc<Target>, first: Instant, pace: Duration, ends: Instant) -> Offered {
    let mut connection = Connection::new(target);
    let mut part = Offered::default();
    let mut due = first;
    while due < ends {
        tokio::time::sleep_until(due.into()).await;
        let sent = Instant::now();
        match connection.send(&volumes::create(target, 0)).await {
            Ok(answer) if answer.status == ACCEPTED => part.served.add(sent.elapsed()),
            Ok(answer) if matches!(answer.status, 429 | 503) => part.refused += 1,
            Ok(answer) => {
                part.failed += 1;
                let said = String::from_utf8_lossy(&answer.body).into_owned();
                part.first_failure.get_or_insert(format!("{}: {said}", answer.status));
            }
            Err(error) => {
                part.failed += 1;
                part.first_failure.get_or_insert(format!("{error:#}"));
            }
        }
        due += pace;
        while due < Instant::now() && due < ends {
            part.unsent += 1;
            due += pace;
        }
    }
    part
}
