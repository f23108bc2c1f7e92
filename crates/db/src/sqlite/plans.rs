//! A guard of debug builds, and so of every test: whoever names rows must not make SQLite read the rest.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use rusqlite::Connection;

static SEEN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// What says that rows are named, by their own identities.
const NAMED: [&str; 4] = [" id IN (?", ".id IN (?", " id = ?", ".id = ?"];

/// Looks at the plan of a statement the first time that it runs.
pub(super) fn check(connection: &Connection, sql: &str) {
    let begin = sql.get(..6).unwrap_or_default();
    let names = NAMED.iter().any(|named| sql.contains(named));
    if !names || !matches!(begin, "SELECT" | "UPDATE" | "DELETE") {
        return;
    }
    if !SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(sql.to_owned()) {
        return;
    }
    // What cannot be planned fails where it is run.
    let Ok(steps) = plan(connection, sql) else { return };
    let reads_all = steps.iter().any(|step| {
        step.starts_with("SCAN") || step.ends_with("(deleted=?)") || step.ends_with("(finished=?)")
    });
    assert!(!reads_all, "SQLite reads whole tables for {sql}: {steps:?}");
}

fn plan(connection: &Connection, sql: &str) -> Result<Vec<String>, rusqlite::Error> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    let mut found = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = found.next()? {
        steps.push(row.get(3)?);
    }
    Ok(steps)
}
