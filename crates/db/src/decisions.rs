//! The table `ashlar_decisions`: why placement chose what it chose, for `ashlar explain`.

use ashlar_types::{DecisionId, FlowId, PoolName, Timestamp, VolumeId};
use serde_json::Value;

use crate::{DbError, Tx, args};

/// One answer of placement.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Identity.
    pub id: DecisionId,
    /// Flow that asked.
    pub flow_id: FlowId,
    /// Volume to place.
    pub volume_id: VolumeId,
    /// How often the flow had asked, with this time: from 1.
    pub attempt: u32,
    /// The pool; none when none was fit.
    pub chosen: Option<PoolName>,
    /// Every pool with its reasons or its scores.
    pub verdict: Value,
    /// When.
    pub created_at: Timestamp,
}

/// Stores a decision.
///
/// # Errors
/// [`DbError`].
pub async fn insert(tx: &mut Tx, decision: &Decision) -> Result<(), DbError> {
    let d = decision;
    tx.execute(
        "INSERT INTO ashlar_decisions (id, flow_id, volume_id, attempt, chosen, verdict, \
         created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        args![
            d.id,
            d.flow_id,
            d.volume_id,
            d.attempt,
            &d.chosen,
            d.verdict.to_string(),
            d.created_at.micros(),
        ],
    )
    .await
    .map(drop)
}

/// All decisions about a volume, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn of_volume(tx: &mut Tx, id: VolumeId) -> Result<Vec<Decision>, DbError> {
    let rows = tx
        .rows(
            "SELECT id, flow_id, volume_id, attempt, chosen, verdict, created_at FROM \
             ashlar_decisions WHERE volume_id = ? ORDER BY created_at, attempt",
            args![id],
        )
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let mut row = row.reader();
        found.push(Decision {
            id: row.next()?,
            flow_id: row.next()?,
            volume_id: row.next()?,
            attempt: u32::try_from(row.next::<i64>()?).unwrap_or_default(),
            chosen: row.next()?,
            verdict: serde_json::from_str(&row.next::<String>()?)
                .map_err(|wrong| DbError::row(5, wrong.to_string()))?,
            created_at: Timestamp::from_micros(row.next()?),
        });
    }
    Ok(found)
}

/// Removes decisions made before `moment`; answers how many.
///
/// # Errors
/// [`DbError`].
pub async fn prune(tx: &mut Tx, moment: Timestamp) -> Result<u64, DbError> {
    tx.execute("DELETE FROM ashlar_decisions WHERE created_at < ?", args![moment.micros()]).await
}
