//! `ashlar flow`: what operations have gone through, and what holds them up.

mod show;

use anyhow::bail;
use ashlar_db::flows::{self, Filter, Listed};
use ashlar_operations::standing;
use ashlar_types::{Clock, FlowId, Timestamp};

use super::{look, print};
use crate::cli::{FlowCommand, Global};

/// Runs the command and prints to standard output.
pub(crate) fn run(global: &Global, command: FlowCommand) -> anyhow::Result<()> {
    match command {
        FlowCommand::Show { id, json } => show(global, id, json),
        FlowCommand::List { all, resource, limit, json } => {
            let filter =
                Filter { unfinished: !all, resource_id: resource, limit, ..Filter::default() };
            list(global, &filter, json)
        }
    }
}

fn show(global: &Global, id: FlowId, json: bool) -> anyhow::Result<()> {
    let found = look(global, "flow", |db, _| async move {
        let mut tx = db.read().await?;
        Ok(flows::get(&mut tx, id).await?)
    })?;
    let Some(flow) = found else {
        bail!("there is no flow {id}; flows that ended are kept for a day");
    };
    match json {
        true => print::json(&standing::full(&flow)),
        false => print::text(&show::as_text(&flow, Clock::System.now())),
    }
}

fn list(global: &Global, filter: &Filter, json: bool) -> anyhow::Result<()> {
    let found = look(global, "flow", |db, _| async move {
        let mut tx = db.read().await?;
        Ok(flows::list(&mut tx, filter).await?)
    })?;
    match json {
        true => print::json(&found.iter().map(standing::full).collect::<Vec<_>>()),
        false => print::text(&as_table(&found, Clock::System.now())),
    }
}

fn as_table(flows: &[Listed], now: Timestamp) -> String {
    if flows.is_empty() {
        return "no operations\n".to_owned();
    }
    let headings = [
        "flow",
        "operation",
        "phase",
        "resource",
        "task",
        "attempt",
        "age",
        "waits for",
        "claimed by",
    ];
    let mut table = print::table(&headings);
    for flow in flows {
        let record = &flow.record;
        let over = record.phase.is_over();
        table.add_row([
            record.id.to_string(),
            record.name.clone(),
            record.phase.as_str().to_owned(),
            format!("{} {}", record.subject.kind, record.subject.id),
            if over { String::new() } else { standing::task(record) },
            if over { String::new() } else { (record.attempts + 1).to_string() },
            print::span(now.since(record.created_at)),
            if over { String::new() } else { show::waits_for(record) },
            flow.claimed_by.clone().unwrap_or_default(),
        ]);
    }
    format!("{table}\n")
}
