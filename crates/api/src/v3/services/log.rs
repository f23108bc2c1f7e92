//! `PUT /os-services/set-log` and `get-log`: what running processes log.
//!
//! Every process has a row that says which services it plays and what it logs. The process that answers does at once what
//! its own row says; the others do it with their next look, within `report_interval`. Cinder asks each service by
//! message; here `get-log` answers what the rows say. A process that plays several services has one log, so a level for
//! one of them is a level for all of them. A process that is started anew begins with what it was configured to log.

use std::collections::BTreeMap;

use ashlar_db::log_levels::{self, Played, Process};
use ashlar_db::services::{SCHEDULER, VOLUME};
use ashlar_db::{DbError, Tx, transact};
use ashlar_types::{LogLevel, Timestamp};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;

/// `binary` of the API, which has no row in `services`.
pub const API: &str = "cinder-api";
/// What can be named; there are no backups yet.
pub(super) const BINARIES: [&str; 4] = [SCHEDULER, VOLUME, "cinder-backup", API];

/// A service and its levels.
#[derive(Serialize)]
struct Shown<'s> {
    host: &'s str,
    binary: &'s str,
    levels: BTreeMap<String, &'static str>,
}

/// Sets the level of the places that begin with `prefix`, in the services that match.
pub(super) async fn set(request: &Request) -> Outcome {
    let word = text(request, "level");
    let level: LogLevel = word
        .parse()
        .map_err(|()| Fault::invalid_input(format!("{word} is not a valid log level.")))?;
    let prefix = text(request, "prefix");
    let (db, since) = (&request.app.db, since(request));
    let told: Result<Vec<Process>, DbError> =
        transact!(db, tx => tell(tx, request, prefix, level, since).await);
    let told = told?;
    if let Some(log) = &request.app.settings.log
        && let Some(own) = told.iter().find(|process| process.id == log.process())
    {
        log.apply(&own.levels);
    }
    let names: Vec<&str> = told.iter().map(|process| process.id.as_str()).collect();
    tracing::info!(prefix, level = level.as_str(), processes = ?names, "log levels were set");
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

async fn tell(
    tx: &mut Tx,
    request: &Request,
    prefix: &str,
    level: LogLevel,
    since: Timestamp,
) -> Result<Vec<Process>, DbError> {
    let mut told = Vec::new();
    for mut process in log_levels::list(tx, since, true).await? {
        if process.services.iter().any(|service| is_meant(request, service)) {
            process.levels = process.levels.with(prefix, level);
            log_levels::set(tx, &process.id, &process.levels).await?;
            told.push(process);
        }
    }
    Ok(told)
}

/// The levels of the places that begin with `prefix`, of the services that match.
pub(super) async fn get(request: &Request) -> Outcome {
    let prefix = text(request, "prefix");
    let mut tx = request.app.db.read().await?;
    let processes = log_levels::list(&mut tx, since(request), false).await?;
    // Several processes may play the API of one host: each service is shown once.
    let mut shown: BTreeMap<&Played, &Process> = BTreeMap::new();
    for process in &processes {
        let meant = process.services.iter().filter(|service| is_meant(request, service));
        for service in meant {
            shown.entry(service).or_insert(process);
        }
    }
    let views: Vec<Shown<'_>> = shown
        .into_iter()
        .map(|(service, process)| Shown {
            host: &service.host,
            binary: &service.binary,
            levels: process.levels.shown(prefix).into_iter().collect(),
        })
        .collect();
    Ok(Answer::ok(&json!({ "log_levels": views })))
}

/// Who was not seen since is taken for dead.
fn since(request: &Request) -> Timestamp {
    request.app.clock.now().before(request.app.operations.settings.service_down_time)
}

/// Whether the body means the service. `server` is a host, `h` for `h@b` too.
fn is_meant(request: &Request, service: &Played) -> bool {
    let (binary, server) = (text(request, "binary"), text(request, "server"));
    let is_of_kind = matches!(binary, "" | "*") || binary == service.binary;
    let is_there = server.is_empty()
        || service.host == server
        || service.host.strip_prefix(server).is_some_and(|rest| rest.starts_with('@'));
    is_of_kind && is_there
}

fn text<'r>(request: &'r Request, key: &str) -> &'r str {
    request.body.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
