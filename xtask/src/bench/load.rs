//! A number of clients that each send the next request as soon as the last one is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::http::Connection;
use super::process::Usage;
use super::target::Target;

/// When a load ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Until {
    /// After so many requests.
    Count(usize),
    /// After that time.
    Elapsed(Duration),
}

/// How long each answer took.
#[derive(Debug, Default)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    /// Notes one.
    pub(super) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Notes those of another.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The time that `percent` of the answers did not exceed; zero when there are none.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied().unwrap_or_default()
    }
}

/// What came of a load.
#[derive(Debug)]
pub(super) struct Load {
    /// When the first request was sent.
    pub(super) started: Instant,
    /// From the first request to the last answer.
    pub(super) lasted: Duration,
    /// Requests answered as expected.
    pub(super) done: usize,
    /// Requests that failed or were answered otherwise.
    pub(super) errors: usize,
    /// What the first of them said.
    pub(super) first_error: Option<String>,
    /// Times of the requests answered as expected.
    pub(super) times: Times,
    /// CPU used, if the caller looked.
    pub(super) usage: Usage,
}

impl Load {
    /// Requests answered as expected in a second.
    pub(super) fn rate(&self) -> f64 {
        self.done as f64 / self.lasted.as_secs_f64()
    }
}

/// What all clients of a load share.
struct Shared {
    target: Arc<Target>,
    next: AtomicUsize,
    count: usize,
    ends: Option<Instant>,
    expected: u16,
}

impl Shared {
    /// The number of the next request, if there is to be one.
    fn take(&self) -> Option<usize> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let late = self.ends.is_some_and(|ends| Instant::now() >= ends);
        (number < self.count && !late).then_some(number)
    }
}

/// Runs a load. `request` makes the request of a number; answers of another status than `expected` are
/// errors.
pub(super) async fn run(
    target: &Arc<Target>,
    clients: usize,
    until: Until,
    expected: u16,
    request: impl Fn(usize) -> Vec<u8>,
) -> Load {
    let started = Instant::now();
    let (count, ends) = match until {
        Until::Count(count) => (count, None),
        Until::Elapsed(time) => (usize::MAX, Some(started + time)),
    };
    let target = Arc::clone(target);
    let shared = Shared { target, next: AtomicUsize::new(0), count, ends, expected };
    let mut load = Load {
        started,
        lasted: Duration::ZERO,
        done: 0,
        errors: 0,
        first_error: None,
        times: Times::default(),
        usage: Usage::default(),
    };
    let mut clients: FuturesUnordered<_> =
        (0..clients).map(|_| client(&shared, &request)).collect();
    while let Some(part) = clients.next().await {
        load.done += part.times.0.len();
        load.errors += part.errors;
        load.first_error = load.first_error.or(part.first_error);
        load.times.0.extend(part.times.0);
    }
    load.lasted = started.elapsed();
    load
}

/// What one client did.
#[derive(Default)]
struct Part {
    times: Times,
    errors: usize,
    first_error: Option<String>,
}

async fn client(shared: &Shared, request: &impl Fn(usize) -> Vec<u8>) -> Part {
    let mut connection = Connection::new(&shared.target);
    let mut part = Part::default();
    while let Some(number) = shared.take() {
        let request = request(number);
        let start = Instant::now();
        let error = match connection.send(&request).await {
            Ok(answer) if answer.status == shared.expected => {
                part.times.add(start.elapsed());
                continue;
            }
            Ok(answer) => {
                format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body))
            }
            Err(error) => format!("{error:#}"),
        };
        part.errors += 1;
        part.first_error.get_or_insert(error);
    }
    part
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Answers every request on every connection with 200, and 500 where the path says so.
    async fn stub() -> Arc<Target> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.expect("a client");
                tokio::spawn(async move {
                    let mut request = vec![0; 4096];
                    while let Ok(length @ 1..) = stream.read(&mut request).await {
                        let broken = request[..length].windows(6).any(|text| text == b"broken");
                        let status = if broken { "500 Broken" } else { "200 OK" };
                        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
                        stream.write_all(answer.as_bytes()).await.expect("sent");
                    }
                });
            }
        });
        let url = format!("http://{address}");
        Arc::new(Target::new(&url, "abc", "t").expect("a usable address"))
    }

    #[tokio::test]
    async fn each_request_is_sent_once_and_errors_are_counted() {
        let target = stub().await;
        let request = |number| target.get(if number == 7 { "/broken" } else { "/fine" });
        let load = run(&target, 4, Until::Count(100), 200, request).await;
        assert_eq!((load.done, load.errors), (99, 1));
        assert_eq!(load.first_error.as_deref(), Some("500: "));
    }

    #[tokio::test]
    async fn a_load_by_time_ends() {
        let target = stub().await;
        let until = Until::Elapsed(Duration::from_millis(20));
        let load = run(&target, 2, until, 200, |_| target.get("/fine")).await;
        assert!(load.done > 0 && load.lasted >= Duration::from_millis(20));
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times = Times((1..=200).rev().map(Duration::from_millis).collect());
        assert_eq!(times.percentile(50), Duration::from_millis(100));
        assert_eq!(times.percentile(99), Duration::from_millis(198));
        assert_eq!(Times::default().percentile(50), Duration::ZERO);
    }
}
