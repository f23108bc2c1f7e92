//! Metrics of requests: a counter and a histogram for each operation, with handles made once.

use std::sync::OnceLock;
use std::time::Duration;

use ashlar_types::metric;
use http::StatusCode;
use metrics::{Counter, Histogram};

/// The statuses that get a handle of their own; the rest shares the last one.
const STATUSES: [u16; 20] = [
    200, 201, 202, 204, 300, 302, 400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 429, 500, 501,
    503,
];

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

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;
    use crate::fault::FaultKind;

    #[test]
    fn every_kind_of_refusal_is_counted_by_its_own_status() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let meter = Meter::new("thing.show");
        metrics::with_local_recorder(&recorder, || {
            for kind in FaultKind::ALL {
                meter.record(kind.http().0, Duration::from_millis(1));
            }
        });
        let text = recorder.handle().render();
        for kind in FaultKind::ALL {
            let status = kind.http().0.as_u16();
            assert!(text.contains(&format!("status=\"{status}\"")), "{status}\n{text}");
        }
        assert!(!text.contains("status=\"other\""), "{text}");
    }
}
