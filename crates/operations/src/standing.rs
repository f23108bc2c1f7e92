//! Operations as their watchers see them: where each stands, what it has gone through, and what holds it up.

use ashlar_db::flows::Listed;
use ashlar_flow::{AnyFlow, Entry, Record, Retry};
use serde_json::{Value, json};

use crate::context::House;
use crate::registry;

/// Name of the task that is next; of a flow that this version does not know, its place.
#[must_use]
pub fn task(record: &Record) -> String {
    let name =
        table(record).and_then(|flow| flow.outline().get(record.position).map(|(name, ..)| *name));
    name.map_or_else(|| format!("task {}", record.position), str::to_owned)
}

fn table(record: &Record) -> Option<&'static dyn AnyFlow<House>> {
    registry::flows()
        .into_iter()
        .find(|flow| flow.name() == record.name && flow.version() == record.version)
}

/// Where it stands. Nothing of its state, which holds what users wrote and belongs to the operation.
#[must_use]
pub fn summary(flow: &Listed) -> Value {
    let record = &flow.record;
    let open = !record.phase.is_over();
    json!({
        "id": record.id,
        "operation": record.name,
        "version": record.version,
        "phase": record.phase,
        "task": open.then(|| task(record)),
        "role": record.role,
        "target": record.target,
        "attempts": record.attempts,
        "attempts_allowed": open.then(|| allowed(record)).flatten(),
        "not_before": record.not_before.to_string(),
        "resource": { "kind": record.subject.kind, "id": record.subject.id },
        "project_id": record.subject.project_id,
        "request_id": record.subject.request_id,
        "failure": record.failure,
        "claimed_by": flow.claimed_by,
        "claimed_until": flow.claimed_until.map(|until| until.to_string()),
        "created_at": record.created_at.to_string(),
        "updated_at": flow.updated_at.to_string(),
        "progress": flow.progress,
    })
}

/// The same, with its tasks and all that it has gone through.
#[must_use]
pub fn full(flow: &Listed) -> Value {
    let mut told = summary(flow);
    let outline = table(&flow.record).map(|flow| flow.outline()).unwrap_or_default();
    let tasks = outline
        .iter()
        .map(|(name, role, reverts)| json!({ "name": name, "role": role, "reverts": reverts }));
    told["tasks"] = tasks.collect();
    told["log"] = flow.record.log.iter().map(entry).collect();
    told
}

/// How often the next task is tried before the operation turns round; none where it goes on for ever.
fn allowed(record: &Record) -> Option<u32> {
    let retry = table(record)?.retry(record.position)?;
    (retry.attempts != Retry::FOREVER.attempts).then_some(retry.attempts)
}

/// One line of the log, its moment as the API writes moments.
fn entry(entry: &Entry) -> Value {
    json!({
        "at": entry.at.to_string(),
        "task": entry.task,
        "what": entry.what,
        "attempt": entry.attempt,
        "took_us": entry.took,
        "by": entry.by,
        "cause": entry.cause,
    })
}
