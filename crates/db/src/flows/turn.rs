//! Whose turn it is: the unfinished flows about one resource, in the order in which they were accepted.

use ashlar_flow::NewFlow;
use ashlar_types::{FlowId, Timestamp};

use crate::{DbError, Tx, args};

/// An unfinished flow about a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    /// Identity.
    pub id: FlowId,
    /// Name in the registry.
    pub name: String,
    /// When it was accepted, at the latest: its turn may be a little later.
    pub turn: Timestamp,
}

/// The unfinished flows about the resource, first come first.
///
/// # Errors
/// [`DbError`], classified.
pub async fn under_way(tx: &mut Tx, resource_id: &str) -> Result<Vec<UnderWay>, DbError> {
    let rows = tx
        .rows(
            "SELECT id, name, created_at FROM ashlar_flows WHERE resource_id = ? AND finished = FALSE \
             ORDER BY created_at, id",
            args![resource_id],
        )
        .await?;
    let read = |row: crate::Row| {
        let turn = Timestamp::from_micros(row.get(2)?);
        Ok(UnderWay { id: row.get(0)?, name: row.get(1)?, turn })
    };
    rows.into_iter().map(read).collect()
}

/// What the unfinished flows of this name are about, each once.
///
/// # Errors
/// [`DbError`], classified.
pub(crate) async fn subjects(tx: &mut Tx, name: &str) -> Result<Vec<String>, DbError> {
    let sql = "SELECT DISTINCT resource_id FROM ashlar_flows WHERE finished = FALSE AND name = ?";
    tx.rows(sql, args![name]).await?.into_iter().map(|row| row.get(0)).collect()
}

/// What the unfinished flows of this name remember, as JSON, first come first.
///
/// # Errors
/// [`DbError`], classified.
pub async fn remembered(tx: &mut Tx, name: &str) -> Result<Vec<String>, DbError> {
    let sql = "SELECT state FROM ashlar_flows WHERE finished = FALSE AND name = ? ORDER BY created_at, id";
    tx.rows(sql, args![name]).await?.into_iter().map(|row| row.get(0)).collect()
}

/// Puts a flow that is about to be stored after all unfinished ones about its resource, whatever the
/// clocks say that they were accepted by. The caller has the resource's row locked, so that no other
/// comes in between.
///
/// # Errors
/// [`DbError`], classified.
pub async fn take_turn(tx: &mut Tx, new: &mut NewFlow) -> Result<(), DbError> {
    let newest = tx
        .row(
            "SELECT MAX(created_at) FROM ashlar_flows WHERE resource_id = ? AND finished = FALSE",
            args![&new.subject.id],
        )
        .await?;
    let newest: Option<i64> = match newest {
        Some(row) => row.get(0)?,
        None => None,
    };
    if let Some(newest) = newest {
        new.turn = new.turn.max(Timestamp::from_micros(newest.saturating_add(1)));
    }
    Ok(())
}
