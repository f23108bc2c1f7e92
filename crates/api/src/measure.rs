//! Metrics of requests: a counter and a histogram for each operation, with handles made once.

use std::sync::OnceLock;
use std::time::Duration;

use ashlar_types::metric;
use http::StatusCode;
use metrics::{Counter, Histogram};

/// The statuses that get a handle of their own; the rest shares the last one.
const STATUSES: [u16; 19] =
    [200, 201, 202, 204, 300, 302, 400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 500, 501, 503];

/// The metrics of one operation. Handles are made at first use, when the recorder is certainly there.
#[derive(Debug)]
pub struct Meter {
    op: &'static str,
    seconds: OnceLock<Histogram>,
    requests: [OnceLock<Counter>; STATUSES.len() + 1],
}

impl Meter {
    /// For operation `op`.
    #[must_use]
    pub const fn new(op: &'static str) -> Self {
        Self {
            op,
            seconds: OnceLock::new(),
            requests: [const { OnceLock::new() }; STATUSES.len() + 1],
        }
    }

    /// The operation's name.
    #[must_use]
    pub const fn op(&self) -> &'static str {
        self.op
    }

    /// Counts an answer with `status` that took `time`.
    pub fn record(&self, status: StatusCode, time: Duration) {
        let code = status.as_u16();
        let place = STATUSES.iter().position(|known| *known == code).unwrap_or(STATUSES.len());
        self.requests[place]
            .get_or_init(|| {
                let label = STATUSES.get(place).map_or("other".to_owned(), u16::to_string);
                metrics::counter!(metric::REQUESTS, "op" => self.op, "status" => label)
            })
            .increment(1);
        self.seconds
            .get_or_init(|| metrics::histogram!(metric::REQUEST_SECONDS, "op" => self.op))
            .record(time.as_secs_f64());
    }
}
