//! `ashlar service`: the services of all nodes.

use std::time::Duration;

use ashlar_db::services::{self, ServiceFilter};
use ashlar_types::{Clock, Service, Timestamp};
use serde_json::{Value, json};

use super::{look, print};
use crate::cli::{Global, ServiceCommand};

/// Runs the command and prints to standard output.
pub(crate) fn run(global: &Global, command: ServiceCommand) -> anyhow::Result<()> {
    let ServiceCommand::List { json } = command;
    let (services, down_time) = look(global, "service", |db, settings| async move {
        let mut tx = db.read().await?;
        let services = services::list(&mut tx, &ServiceFilter::default()).await?;
        Ok((services, settings.service.down_time))
    })?;
    let now = Clock::System.now();
    match json {
        true => {
            let rows: Vec<_> =
                services.iter().map(|service| as_json(service, now, down_time)).collect();
            print::json(&rows)
        }
        false => print::text(&as_table(&services, now, down_time)),
    }
}

fn state(service: &Service, now: Timestamp, down_time: Duration) -> &'static str {
    if service.is_up(now, down_time) { "up" } else { "down" }
}

fn status(service: &Service) -> &'static str {
    if service.disabled { "disabled" } else { "enabled" }
}

fn as_table(services: &[Service], now: Timestamp, down_time: Duration) -> String {
    if services.is_empty() {
        return "no services\n".to_owned();
    }
    let mut table =
        print::table(&["binary", "host", "zone", "status", "state", "last heard of", "reason"]);
    for service in services {
        let seen = service.updated_at.or(service.created_at);
        table.add_row([
            service.binary.clone(),
            service.host.clone(),
            service.availability_zone.clone(),
            status(service).to_owned(),
            state(service, now, down_time).to_owned(),
            seen.map_or("never".to_owned(), |at| format!("{} ago", print::span(now.since(at)))),
            service.disabled_reason.clone().unwrap_or_default(),
        ]);
    }
    format!("{table}\n")
}

fn as_json(service: &Service, now: Timestamp, down_time: Duration) -> Value {
    json!({
        "binary": service.binary,
        "host": service.host,
        "zone": service.availability_zone,
        "status": status(service),
        "state": state(service, now, down_time),
        "updated_at": service.updated_at.map(|at| at.to_string()),
        "disabled_reason": service.disabled_reason,
        "frozen": service.frozen,
        "uuid": service.uuid,
    })
}
