//! Claiming: who looks for work gets flows that are due and that nobody works on.

use ashlar_flow::{Claim, Record};
use ashlar_types::{FlowId, Timestamp};

use super::{COLUMNS, read};
use crate::{Arg, DbError, Tx, sql};

/// What makes a flow one that `claim` may have, and the values for it.
fn condition<'a>(claim: &Claim<'a>) -> (String, Vec<Arg<'a>>) {
    let mut text = String::from("finished = FALSE AND role = ?");
    let mut args: Vec<Arg<'a>> = vec![Arg::from(claim.role.as_str())];
    // Given in both cases, so that the index answers in the order of `not_before` and the reading ends at the limit, however
    // many wait.
    if claim.targets.is_empty() {
        text.push_str(" AND target IS NULL");
    } else {
        text.push_str(&format!(" AND target IN ({})", sql::places(claim.targets.len())));
        args.extend(claim.targets.iter().map(Arg::from));
    }
    text.push_str(" AND not_before <= ? AND (claimed_until IS NULL OR claimed_until < ?)");
    args.extend([claim.now.micros(), claim.now.micros()].map(Arg::from));
    if !claim.known.is_empty() {
        let known = vec!["(name = ? AND version = ?)"; claim.known.len()].join(" OR ");
        text.push_str(&format!(" AND ({known})"));
        for (name, version) in claim.known {
            args.extend([Arg::from(*name), Arg::from(*version)]);
        }
    }
    if !claim.except.is_empty() {
        let except = sql::pad(claim.except);
        text.push_str(&format!(" AND id NOT IN ({})", sql::places(except.len())));
        args.extend(except.into_iter().map(Arg::from));
    }
    (text, args)
}

/// Whether anything is waiting to be claimed, without writing: looking for work is mostly in vain.
pub(super) async fn any_due(tx: &mut Tx, claim: &Claim<'_>) -> Result<bool, DbError> {
    let (condition, args) = condition(claim);
    let sql = format!("SELECT 1 FROM ashlar_flows WHERE {condition} LIMIT 1");
    Ok(tx.row(&sql, &args).await?.is_some())
}

/// Claims what is due, the longest waiting first.
pub(super) async fn claim(tx: &mut Tx, claim: &Claim<'_>) -> Result<Vec<Record>, DbError> {
    let (condition, mut args) = condition(claim);
    args.push(Arg::from(claim.limit));
    let sql = format!(
        "SELECT {COLUMNS} FROM ashlar_flows WHERE {condition} ORDER BY not_before LIMIT ?{}",
        tx.engine().for_update_skip_locked()
    );
    let (mut ids, mut records) = (Vec::new(), Vec::new());
    for row in tx.rows(&sql, &args).await? {
        let id: FlowId = row.get(0)?;
        ids.push(id);
        match read(row) {
            Ok(record) => records.push(record),
            // It is claimed with the others: one that cannot be read must not be in their way.
            Err(error) => tracing::error!(flow = %id, %error, "an operation's row cannot be read"),
        }
    }
    if ids.is_empty() {
        return Ok(records);
    }
    take(tx, claim.worker, claim.now.after(claim.lease), &ids).await?;
    for record in &mut records {
        record.token += 1;
    }
    Ok(records)
}

async fn take(tx: &mut Tx, worker: &str, until: Timestamp, ids: &[FlowId]) -> Result<(), DbError> {
    let mut args = vec![Arg::from(worker), Arg::from(until.micros())];
    args.extend(ids.iter().map(|id| Arg::from(*id)));
    let sql = format!(
        "UPDATE ashlar_flows SET claimed_by = ?, claimed_until = ?, claim_token = claim_token + 1 \
         WHERE id IN ({})",
        sql::places(ids.len())
    );
    tx.execute(&sql, &args).await.map(drop)
}
