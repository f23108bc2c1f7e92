//! One flow in full: where it stands, who holds it, and each thing that happened to it.

use std::fmt::Write as _;
use std::time::Duration;

use ashlar_db::flows::{Listed, Progress};
use ashlar_flow::{Entry, Phase, Record};
use ashlar_operations::standing;
use ashlar_types::Timestamp;
use serde_json::Value;

use super::print;

/// The flow for people.
pub(super) fn as_text(flow: &Listed, now: Timestamp) -> String {
    let record = &flow.record;
    let mut lines = vec![
        format!("flow       {}", record.id),
        format!("operation  {} (version {})", record.name, record.version),
        format!("resource   {} {}", record.subject.kind, record.subject.id),
        format!("project    {}", record.subject.project_id),
        format!("request    {}", record.subject.request_id),
        format!("accepted   {}", print::moment(record.created_at)),
        format!("phase      {}", phase(flow, now)),
    ];
    if !record.phase.is_over() {
        lines.push(format!("next       {}", next(record, now)));
        lines.push(format!("claim      {}", claim(flow, now)));
        if let Some(progress) = &flow.progress {
            lines.push(format!("progress   {}", come(progress)));
        }
    }
    if let Some(failure) = &record.failure {
        lines.push(format!("failed at  {}: {}", failure.task, failure.cause));
    }
    let mut text = lines.join("\n");
    text.push('\n');
    let _ = writeln!(text, "{}", history(record));
    text
}

fn phase(flow: &Listed, now: Timestamp) -> String {
    let record = &flow.record;
    let name = record.phase.as_str();
    match record.phase.is_over() {
        true => format!("{name} after {}", print::span(flow.updated_at.since(record.created_at))),
        false => format!("{name} for {}", print::span(now.since(record.created_at))),
    }
}

fn next(record: &Record, now: Timestamp) -> String {
    let deed = if record.phase == Phase::Reverting { "revert" } else { "execute" };
    let (task, attempt) = (standing::task(record), record.attempts + 1);
    let mut line = format!("{deed} {task}, attempt {attempt}, by {}", waits_for(record));
    let pause = record.not_before.since(now);
    if !pause.is_zero() {
        let _ = write!(line, ", not before {} from now", print::span(pause));
    }
    line
}

/// Who must execute the next task.
pub(super) fn waits_for(record: &Record) -> String {
    match &record.target {
        Some(target) => format!("{} {target}", record.role),
        None => record.role.to_string(),
    }
}

fn claim(flow: &Listed, now: Timestamp) -> String {
    match (&flow.claimed_by, flow.claimed_until) {
        (Some(worker), Some(until)) if until > now => {
            format!("{worker}, for {} unless renewed", print::span(until.since(now)))
        }
        (Some(worker), Some(until)) => {
            format!("{worker}, ran out {} ago", print::span(now.since(until)))
        }
        _ => "nobody".to_owned(),
    }
}

/// How far it has come, in mebibytes.
fn come(progress: &Progress) -> String {
    let mib = |bytes: u64| bytes / (1 << 20);
    let Progress { what, done, total } = progress;
    match total.filter(|total| *total > 0) {
        Some(total) => {
            let percent = done.saturating_mul(100) / total;
            format!("{what}: {} of {} MiB ({percent} %)", mib(*done), mib(total))
        }
        None => format!("{what}: {} MiB", mib(*done)),
    }
}

fn history(record: &Record) -> String {
    let mut table =
        print::table(&["at", "after", "task", "what", "attempt", "took", "by", "cause"]);
    for entry in &record.log {
        let accepted = entry.task.is_empty();
        table.add_row([
            print::moment(entry.at),
            print::span(entry.at.since(record.created_at)),
            entry.task.clone(),
            what(entry),
            if accepted { String::new() } else { entry.attempt.to_string() },
            if accepted { String::new() } else { print::span(Duration::from_micros(entry.took)) },
            entry.by.clone(),
            entry.cause.clone().unwrap_or_default(),
        ]);
    }
    table.to_string()
}

/// In the words of the log, which are those of `--json` too.
fn what(entry: &Entry) -> String {
    match serde_json::to_value(entry.what) {
        Ok(Value::String(word)) => word,
        _ => format!("{:?}", entry.what),
    }
}
