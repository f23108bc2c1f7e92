//! `GET /ashlar/v1/operations/events`: what happens to operations, as server-sent events.
//!
//! A revision is the moment of a change. Transactions that end at the same time may become visible in another order than
//! their moments have, so each look goes back a little and leaves out what was sent. A client that lost its connection
//! says the last `id` that it saw (`Last-Event-ID`, which browsers send by themselves, or `from`) and may hear of a
//! change twice, but of none not at all as long as operations are kept.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ashlar_db::DbError;
use ashlar_db::flows::{self, Listed, Progress};
use ashlar_operations::standing;
use ashlar_types::{FlowId, Timestamp};
use bytes::Bytes;
use futures::stream;
use http::header::HeaderName;
use hyper::body::Frame;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::answer::{Answer, Longest, Stream};
use crate::app::App;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;

const LAST: HeaderName = HeaderName::from_static("last-event-id");
/// Streams at once in this process; each looks into the database for itself.
const MOST: usize = 32;
/// Pause between two looks, at least; and as a multiple of what the last one took, so that streams cost but a part of
/// the database's time however much happens.
const PAUSE: Duration = Duration::from_millis(500);
const REST: u32 = 10;
/// A change becomes visible at most so long after its moment, clocks of hosts being what they are.
const BACK: Duration = Duration::from_secs(10);
/// Most changes that one look finds, and most transfers that it asks how far they are.
const PAGE: usize = 1000;
const MOST_TRANSFERS: usize = 200;
/// The least step between two moments.
const TICK: Duration = Duration::from_micros(1);
/// When nothing happens, a comment keeps the connection open and finds out whether somebody listens.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// A stream ends then, and the client's next connection shows whether its token is still good.
const LONGEST: Duration = Duration::from_secs(600);
/// Whoever is so slow that it has not taken all of it by then is cut off, and its place given to another.
pub(super) const CUT_OFF: Longest = Longest(LONGEST.saturating_add(Duration::from_secs(30)));

/// A point in the order of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Revision(Timestamp);

impl Revision {
    /// Changes from this moment on.
    pub(super) fn at(moment: Timestamp) -> Self {
        Self(moment)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.micros())
    }
}

impl std::str::FromStr for Revision {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(|micros| Self(Timestamp::from_micros(micros)))
    }
}

/// The places for streams of this process.
pub(crate) fn places() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(MOST))
}

/// Everything that happens to operations from the revision on.
pub(super) async fn events(request: &Request) -> Outcome {
    let from = from(request)?;
    let app = &request.app;
    let place = Arc::clone(&app.streams)
        .try_acquire_owned()
        .map_err(|_| Fault::unavailable("Too many event streams are open.").retry_in(30))?;
    let mut follower = Follower::new(app.clone(), from.unwrap_or(Revision(app.clock.now())), place);
    if from.is_none() {
        // What came before is known, or of no interest.
        follower.look().await?;
        follower.behind = false;
    }
    Ok(Answer::events(follow(follower), CUT_OFF))
}

/// Where the client wants to begin, if it says so.
fn from(request: &Request) -> Result<Option<Revision>, Fault> {
    let header = request.headers.get(LAST).map(|value| value.to_str().unwrap_or("?"));
    let text = header.or_else(|| request.query.get("from"));
    text.map(|text| {
        text.parse().map_err(|_| Fault::bad_request("A revision is what an earlier answer said."))
    })
    .transpose()
}

fn follow(follower: Follower) -> Stream {
    Box::pin(stream::unfold(follower, |mut follower| async move {
        let text = follower.next().await?;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(text))), follower))
    }))
}

struct Follower {
    app: App,
    /// The newest change that was seen, or where to begin.
    at: Revision,
    /// From where to look next.
    since: Timestamp,
    /// The last look found a full page.
    behind: bool,
    /// What was sent of late, so that it is not sent again.
    sent: HashMap<FlowId, (Timestamp, Option<Progress>)>,
    opened: Instant,
    first: bool,
    took: Duration,
    _place: OwnedSemaphorePermit,
}

impl Follower {
    fn new(app: App, at: Revision, place: OwnedSemaphorePermit) -> Self {
        Self {
            app,
            at,
            since: at.0.before(BACK),
            behind: false,
            sent: HashMap::new(),
            opened: Instant::now(),
            first: true,
            took: Duration::ZERO,
            _place: place,
        }
    }

    /// The next piece of the stream; none when it ends.
    async fn next(&mut self) -> Option<String> {
        if std::mem::take(&mut self.first) {
            // Browsers wait so long before they connect anew.
            return Some("retry: 2000\n\n".to_owned());
        }
        let quiet_until = Instant::now() + SIGN_OF_LIFE;
        loop {
            let pause = if self.behind { self.took } else { PAUSE.max(self.took * REST) };
            tokio::select! {
                () = self.app.closing.cancelled() => return None,
                () = tokio::time::sleep(pause) => {}
            }
            if self.opened.elapsed() > LONGEST {
                return None;
            }
            let started = Instant::now();
            let text = match self.look().await {
                Ok(text) => text,
                Err(error) => {
                    // The client connects anew and goes on where it was.
                    tracing::warn!(%error, "a stream of events ends early");
                    return None;
                }
            };
            self.took = started.elapsed();
            if !text.is_empty() {
                return Some(text);
            }
            if Instant::now() > quiet_until {
                return Some(":\n\n".to_owned());
            }
        }
    }

    /// What changed since the last look, at most a page of it.
    async fn look(&mut self) -> Result<String, DbError> {
        let mut tx = self.app.db.read().await?;
        let found = flows::changed(&mut tx, self.since, PAGE).await?;
        let transferring = flows::transferring(&mut tx, MOST_TRANSFERS).await?;
        drop(tx);
        let mut text = String::new();
        let now = self.app.clock.now();
        for flow in found.iter().chain(&transferring) {
            self.tell(flow, now, &mut text);
        }
        let back = self.at.0.before(BACK);
        self.behind = found.len() >= PAGE;
        self.since = match found.last() {
            // A page full of what was saved at one moment must not be met again for ever.
            Some(last) if self.behind => last.updated_at.max(self.since.after(TICK)),
            _ => back,
        };
        self.sent.retain(|_, (at, progress)| *at >= back || progress.is_some());
        Ok(text)
    }

    fn tell(&mut self, flow: &Listed, now: Timestamp, text: &mut String) {
        let id = flow.record.id;
        let open = !flow.record.phase.is_over();
        let news = (flow.updated_at, flow.progress.clone().filter(|_| open));
        if self.sent.get(&id) == Some(&news) {
            return;
        }
        // A host whose clock is ahead must not make us pass over what the others do.
        self.at = self.at.max(Revision(flow.updated_at.min(now)));
        self.sent.insert(id, news);
        let data = standing::summary(flow);
        text.push_str(&format!("event: operation\nid: {}\ndata: {data}\n\n", self.at));
    }
}
