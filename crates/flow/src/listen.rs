//! Who hears of what flows do: the log and the metrics.

use std::time::Duration;

use ashlar_types::metric;

use crate::log::{Phase, What};
use crate::record::Record;

/// Something happened to a task of a flow.
#[derive(Debug)]
pub struct Event<'a> {
    /// The flow, after it happened.
    pub record: &'a Record,
    /// The task.
    pub task: &'a str,
    /// What happened.
    pub what: What,
    /// How long it took.
    pub took: Duration,
    /// Why, when something went wrong.
    pub cause: Option<&'a str>,
}

/// Hears of every event, after it was recorded.
pub trait Listener: Send + Sync {
    /// It happened.
    fn hear(&self, event: &Event<'_>);
}

/// Writes one log line for each event; louder the worse it is.
#[derive(Debug, Default)]
pub struct Log;

impl Listener for Log {
    fn hear(&self, event: &Event<'_>) {
        let Event { record, task, what, took, cause } = event;
        let (flow, name, subject) = (record.id, record.name.as_str(), &record.subject);
        let (kind, id, request) = (&subject.kind, &subject.id, &subject.request_id);
        let took = took.as_millis();
        match what {
            What::Failed if is_fault(record) => tracing::error!(
                %flow, name, task, kind, id, request, took, cause,
                "operation failed for a reason that should not be; reverting"
            ),
            What::Failed => tracing::warn!(
                %flow, name, task, kind, id, request, took, cause, "operation failed; reverting"
            ),
            What::Retry if record.phase == Phase::Reverting => tracing::error!(
                %flow, name, task, kind, id, request, attempt = record.attempts, cause,
                "revert failed; will be tried again"
            ),
            What::Retry | What::Back => tracing::warn!(
                %flow, name, task, kind, id, request, attempt = record.attempts, cause, "{what:?}"
            ),
            What::Restored => {
                tracing::info!(%flow, name, kind, id, request, "operation {}", record.phase.as_str());
            }
            _ => tracing::debug!(%flow, name, task, kind, id, request, took, "{what:?}"),
        }
    }
}

/// Whoever executed the task had nothing to tell the user: it broke, or the trouble did not pass. That is no refusal,
/// and somebody should look into it.
fn is_fault(record: &Record) -> bool {
    record.failure.as_ref().is_none_or(|failure| failure.message.is_none())
}

/// Counts ends by flow and outcome, failures and retries by flow and task, and times tasks.
#[derive(Debug, Default)]
pub struct Metrics;

impl Listener for Metrics {
    fn hear(&self, event: &Event<'_>) {
        let name = event.record.name.clone();
        let task = event.task.to_owned();
        if event.record.phase.is_over() {
            let outcome = event.record.phase.as_str();
            metrics::counter!(metric::FLOWS_ENDED, "flow" => name.clone(), "outcome" => outcome)
                .increment(1);
        }
        if matches!(event.what, What::Retry | What::Back | What::Failed) {
            metrics::counter!(metric::TASK_FAILURES, "flow" => name.clone(), "task" => task.clone())
                .increment(1);
        }
        metrics::histogram!(metric::TASK_SECONDS, "flow" => name, "task" => task)
            .record(event.took.as_secs_f64());
    }
}
