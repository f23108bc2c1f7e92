//! What is learned of a request on its way, and the one log line and the metrics made of it.

use std::any::Any;
use std::time::Duration;

use ashlar_types::{Caller, metric};
use http::header::HeaderValue;
use http::request::Parts;
use http::{Method, StatusCode};

use super::Page;
use crate::endpoint::Outcome;
use crate::measure::Meter;
use crate::registry::Route;
use crate::request_id::RequestIds;

/// Requests that no endpoint took.
static UNROUTED: Meter = Meter::new("none");
/// Version documents, health and metrics.
static PAGES: Meter = Meter::new("page");

/// Most characters of a refusal that are logged; the client gets all of it.
const LONGEST_REASON: usize = 500;

/// What is known of a request so far.
#[derive(Debug)]
pub(super) struct Trace<'a> {
    method: Method,
    path: String,
    caller: Option<(String, String)>,
    route: Option<&'a Route>,
    /// The page outside the registry.
    pub(super) page: Option<Page>,
    /// The path belongs to the API proper.
    pub(super) in_api: bool,
    /// Value of the answer's `OpenStack-API-Version`.
    pub(super) shown_version: Option<HeaderValue>,
    /// Value of the answer's `Allow`.
    pub(super) allow: Option<String>,
}

impl<'a> Trace<'a> {
    pub(super) fn new(parts: &Parts) -> Self {
        Self {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            caller: None,
            route: None,
            page: None,
            in_api: false,
            shown_version: None,
            allow: None,
        }
    }

    pub(super) fn found(&mut self, route: &'a Route) {
        self.route = Some(route);
    }

    pub(super) fn caller(&mut self, caller: &Caller) {
        self.caller = Some((caller.project_id.clone(), caller.user_id.clone()));
    }

    /// Counts the answer and writes its line: successes for debugging, refusals for information, and what
    /// broke here as an error with its cause.
    pub(super) fn log(&self, ids: &RequestIds, outcome: &Outcome, time: Duration) {
        let status = match outcome {
            Ok(answer) => answer.status(),
            Err(fault) => fault.status(),
        };
        let meter = match (self.route, self.page) {
            (Some(route), _) => &route.meter,
            (None, Some(_)) => &PAGES,
            (None, None) => &UNROUTED,
        };
        meter.record(status, time);
        let refusal = outcome.as_ref().err();
        self.write(ids, status, time, refusal.map(|fault| (fault.message(), fault.cause())));
    }

    fn write(
        &self,
        ids: &RequestIds,
        status: StatusCode,
        time: Duration,
        refusal: Option<(&str, Option<&str>)>,
    ) {
        let op =
            self.route.map(|route| route.endpoint.op).or(self.page.map(Page::op)).unwrap_or("none");
        let (method, path) = (&self.method, self.path.as_str());
        let (project, user) =
            self.caller.as_ref().map_or(("", ""), |(project, user)| (project, user));
        let request_id = ids.own.as_str();
        let global_id = ids.global.as_deref();
        let ms = time.as_secs_f64() * 1000.0;
        let status = status.as_u16();
        macro_rules! line {
            ($level:ident, $($more:tt)*) => {
                tracing::$level!(
                    request_id, global_id, op, status, ms, %method, path, project, user, $($more)*
                )
            };
        }
        // Not as the line's own message: that is written as it is, and the client's words may hold line ends.
        match refusal.map(|(reason, cause)| (shortened(reason), cause)) {
            None => line!(debug, "answered"),
            Some((reason, Some(cause))) if status < 500 => {
                line!(info, reason, cause, "refused");
            }
            Some((reason, _)) if status < 500 => line!(info, reason, "refused"),
            Some((reason, cause)) => line!(error, reason, cause, "failed"),
        }
    }
}

/// A request that is being worked on, or waits for its turn. When its client hangs up it is dropped unanswered, which leaves
/// no other trace.
pub(super) struct Awaited<'a>(Option<&'a RequestIds>);

impl<'a> Awaited<'a> {
    pub(super) fn new(ids: &'a RequestIds) -> Self {
        Self(Some(ids))
    }

    /// There is an answer; whether it arrives is another question.
    pub(super) fn answered(mut self) {
        self.0 = None;
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        let Some(ids) = self.0 else { return };
        metrics::counter!(metric::ABANDONED).increment(1);
        let (request_id, global_id) = (ids.own.as_str(), ids.global.as_deref());
        tracing::debug!(
            request_id,
            global_id,
            "the client hung up before its request was answered"
        );
    }
}

/// The beginning of a text that repeats what the client sent, which may be a whole body.
fn shortened(text: &str) -> &str {
    text.char_indices().nth(LONGEST_REASON).map_or(text, |(end, _)| &text[..end])
}

/// What a panic said.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text");
    format!("a handler panicked: {text}")
}
