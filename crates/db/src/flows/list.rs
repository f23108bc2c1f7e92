//! Flows as operators see them: one, many, and how many are unfinished.

use ashlar_flow::{Phase, Record};
use ashlar_types::{FlowId, Timestamp};

use super::{COLUMNS, Progress, progress, read};
use crate::{Arg, DbError, Row, Tx, args};

/// A flow as operators see it: the record and its claim.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The record.
    pub record: Record,
    /// Who works on it.
    pub claimed_by: Option<String>,
    /// Until when, unless renewed.
    pub claimed_until: Option<Timestamp>,
    /// When it was last saved.
    pub updated_at: Timestamp,
    /// How far its longest task has come.
    pub progress: Option<Progress>,
}

/// Which flows to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those that are not over.
    pub unfinished: bool,
    /// Only those about this resource.
    pub resource_id: Option<String>,
    /// Only those of this project.
    pub project_id: Option<String>,
    /// Only those of this name: `create-volume`.
    pub name: Option<String>,
    /// Only those in this phase.
    pub phase: Option<Phase>,
    /// Only those that come after this one in the list.
    pub after: Option<(Timestamp, FlowId)>,
    /// At most so many, newest first; 0 means no limit.
    pub limit: usize,
}

/// The flow of this identity.
///
/// # Errors
/// [`DbError`], classified.
pub async fn get(tx: &mut Tx, id: FlowId) -> Result<Option<Listed>, DbError> {
    let sql = format!(
        "SELECT claimed_by, claimed_until, updated_at, progress, {COLUMNS} FROM ashlar_flows WHERE id = ?"
    );
    tx.row(&sql, args![id]).await?.map(listed).transpose()
}

/// Flows, newest first.
///
/// # Errors
/// [`DbError`], classified.
pub async fn list(tx: &mut Tx, filter: &Filter) -> Result<Vec<Listed>, DbError> {
    let mut sql = format!(
        "SELECT claimed_by, claimed_until, updated_at, progress, {COLUMNS} FROM ashlar_flows WHERE 1 = 1"
    );
    let mut args = Vec::new();
    if filter.unfinished {
        sql.push_str(" AND finished = FALSE");
    }
    if let Some(id) = &filter.resource_id {
        sql.push_str(" AND resource_id = ?");
        args.push(Arg::from(id));
    }
    let exact = [("project_id", &filter.project_id), ("name", &filter.name)];
    for (column, value) in exact {
        if let Some(value) = value {
            sql.push_str(" AND ");
            sql.push_str(column);
            sql.push_str(" = ?");
            args.push(Arg::from(value));
        }
    }
    if let Some(phase) = filter.phase {
        sql.push_str(" AND direction = ?");
        args.push(Arg::from(phase.as_str()));
    }
    if let Some((at, id)) = filter.after {
        sql.push_str(" AND (created_at < ? OR (created_at = ? AND id < ?))");
        args.extend([Arg::from(at.micros()), Arg::from(at.micros()), Arg::from(id)]);
    }
    sql.push_str(" ORDER BY created_at DESC, id DESC");
    if filter.limit > 0 {
        sql.push_str(" LIMIT ?");
        args.push(Arg::from(filter.limit));
    }
    tx.rows(&sql, &args).await?.into_iter().map(listed).collect()
}

/// Flows that were saved at `since` or later, in the order in which they were saved, at most `limit`.
///
/// # Errors
/// [`DbError`], classified.
pub async fn changed(tx: &mut Tx, since: Timestamp, limit: usize) -> Result<Vec<Listed>, DbError> {
    let mut found = Vec::new();
    // Two queries, each of which has an index to go by.
    for finished in ["FALSE", "TRUE"] {
        let sql = format!(
            "SELECT claimed_by, claimed_until, updated_at, progress, {COLUMNS} FROM ashlar_flows \
             WHERE finished = {finished} AND updated_at >= ? ORDER BY updated_at, id LIMIT ?"
        );
        for row in tx.rows(&sql, args![since.micros(), limit]).await? {
            found.push(listed(row)?);
        }
    }
    found.sort_by_key(|flow| (flow.updated_at, flow.record.id));
    found.truncate(limit);
    Ok(found)
}

/// Unfinished flows that say how far their longest task is, at most `limit`.
///
/// # Errors
/// [`DbError`], classified.
pub async fn transferring(tx: &mut Tx, limit: usize) -> Result<Vec<Listed>, DbError> {
    let sql = format!(
        "SELECT claimed_by, claimed_until, updated_at, progress, {COLUMNS} FROM ashlar_flows \
         WHERE finished = FALSE AND progress IS NOT NULL ORDER BY id LIMIT ?"
    );
    tx.rows(&sql, args![limit]).await?.into_iter().map(listed).collect()
}

fn listed(mut row: Row) -> Result<Listed, DbError> {
    let claimed_by = row.take(0)?;
    let claimed_until: Option<i64> = row.take(1)?;
    let updated_at: i64 = row.take(2)?;
    let progress: Option<String> = row.take(3)?;
    row.drop_front(4);
    Ok(Listed {
        record: read(row)?,
        claimed_by,
        claimed_until: claimed_until.map(Timestamp::from_micros),
        updated_at: Timestamp::from_micros(updated_at),
        progress: progress::read(progress.as_deref()),
    })
}

/// How many flows of a kind are unfinished, in which phase, and since when the oldest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Name of the flow.
    pub name: String,
    /// `executing` or `reverting`.
    pub phase: String,
    /// How many.
    pub count: u64,
    /// When the oldest was accepted.
    pub oldest: Timestamp,
}

/// Unfinished flows by kind and phase, for metrics.
///
/// # Errors
/// [`DbError`], classified.
pub async fn unfinished(tx: &mut Tx) -> Result<Vec<Unfinished>, DbError> {
    let rows = tx
        .rows(
            "SELECT name, direction, COUNT(*), MIN(created_at) FROM ashlar_flows \
             WHERE finished = FALSE GROUP BY name, direction ORDER BY name, direction",
            &[],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let mut cells = row.reader();
            Ok(Unfinished {
                name: cells.next()?,
                phase: cells.next()?,
                count: cells.next()?,
                oldest: Timestamp::from_micros(cells.next()?),
            })
        })
        .collect()
}
