//! Why placement chose what it chose, for `ashlar explain`: the tables `ashlar_decisions`,
//! `ashlar_decision_pages` and `ashlar_pool_sets`.
//!
//! Placement answers many at once. What it says about them stands together on a page; each decision names
//! its page and its slot there. The names of all pools, which every page needs, are kept once for all
//! pages that have the same. What is on a page is placement's own affair; here it is a text.

mod prune;

use ashlar_types::{DecisionId, FlowId, PageId, PoolName, Timestamp, VolumeId};
use serde_json::Value;

pub use prune::{horizon, prune, prune_pages, prune_pool_sets};

use crate::{Arg, DbError, Tx, args, sql};

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
    /// What placement said.
    pub told: Told,
    /// When.
    pub created_at: Timestamp,
}

/// What placement said of every pool.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// In the decision's own row.
    Alone(Value),
    /// With others on a page.
    OnPage {
        /// The pools that the page is about, as [`ensure_pool_set`] got them.
        pools: String,
        /// The page.
        body: String,
        /// Which of those on the page.
        slot: u32,
    },
}

/// A page to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Identity.
    pub id: PageId,
    /// The pools that it is about ([`ensure_pool_set`]).
    pub pool_set: String,
    /// What it says.
    pub body: String,
    /// When all of it was decided.
    pub created_at: Timestamp,
}

/// A decision to be stored, on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
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
    /// Where on the page.
    pub slot: u32,
}

/// A list that is kept is said to be needed again when that was said longer ago than this. Far less than
/// the time that unused ones stay.
const SAY_AGAIN: std::time::Duration = std::time::Duration::from_secs(3600);

/// Stores a decision with a row of its own.
///
/// # Errors
/// [`DbError`].
pub async fn insert(
    tx: &mut Tx,
    entry: &Entry,
    verdict: &Value,
    now: Timestamp,
) -> Result<(), DbError> {
    insert_entries(tx, std::slice::from_ref(entry), None, &verdict.to_string(), now).await
}

/// Makes sure that the list of pools' names is kept under `id`, which stands for exactly this list. To be
/// called for every page, in the page's transaction: lists that nobody needs go.
///
/// # Errors
/// [`DbError`].
pub async fn ensure_pool_set(
    tx: &mut Tx,
    id: &str,
    names: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let known = tx.row("SELECT created_at FROM ashlar_pool_sets WHERE id = ?", args![id]).await?;
    if let Some(row) = &known {
        let said = Timestamp::from_micros(row.get(0)?);
        if now.since(said) < SAY_AGAIN {
            return Ok(());
        }
        let sql = "UPDATE ashlar_pool_sets SET created_at = ? WHERE id = ?";
        if tx.execute(sql, args![now.micros(), id]).await? > 0 {
            return Ok(());
        }
    }
    let keep = tx.engine().or_keep("id");
    let sql =
        format!("INSERT INTO ashlar_pool_sets (id, names, created_at) VALUES (?, ?, ?){keep}");
    tx.execute(&sql, args![id, names, now.micros()]).await.map(drop)
}

/// Stores a page and the decisions on it.
///
/// # Errors
/// [`DbError`].
pub async fn insert_page(tx: &mut Tx, page: &Page, entries: &[Entry]) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO ashlar_decision_pages (id, pool_set, body, created_at) VALUES (?, ?, ?, ?)",
        args![page.id, &page.pool_set, &page.body, page.created_at.micros()],
    )
    .await?;
    insert_entries(tx, entries, Some(page.id), "", page.created_at).await
}

async fn insert_entries(
    tx: &mut Tx,
    entries: &[Entry],
    page: Option<PageId>,
    verdict: &str,
    created_at: Timestamp,
) -> Result<(), DbError> {
    for part in sql::powers(entries) {
        let rows = vec!["(?, ?, ?, ?, ?, ?, ?, ?, ?)"; part.len()].join(", ");
        let sql = format!(
            "INSERT INTO ashlar_decisions (id, flow_id, volume_id, attempt, chosen, verdict, page_id, \
             slot, created_at) VALUES {rows}"
        );
        let mut values = Vec::with_capacity(part.len() * 9);
        for entry in part {
            values.extend([
                Arg::from(entry.id),
                Arg::from(entry.flow_id),
                Arg::from(entry.volume_id),
                Arg::from(entry.attempt),
                Arg::from(&entry.chosen),
                Arg::from(verdict),
                Arg::from(page),
                Arg::from(page.map(|_| entry.slot)),
                Arg::from(created_at.micros()),
            ]);
        }
        tx.execute(&sql, &values).await?;
    }
    Ok(())
}

/// All decisions about a volume, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn of_volume(tx: &mut Tx, id: VolumeId) -> Result<Vec<Decision>, DbError> {
    let rows = tx
        .rows(
            "SELECT d.id, d.flow_id, d.volume_id, d.attempt, d.chosen, d.created_at, d.page_id, \
             d.slot, d.verdict, p.body, s.names FROM ashlar_decisions d \
             LEFT JOIN ashlar_decision_pages p ON p.id = d.page_id \
             LEFT JOIN ashlar_pool_sets s ON s.id = p.pool_set \
             WHERE d.volume_id = ? ORDER BY d.created_at, d.attempt",
            args![id],
        )
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let mut row = row.reader();
        let (id, flow_id, volume_id) = (row.next()?, row.next()?, row.next()?);
        let attempt = u32::try_from(row.next::<i64>()?).unwrap_or_default();
        let chosen = row.next()?;
        let created_at = Timestamp::from_micros(row.next()?);
        let page: Option<PageId> = row.next()?;
        let slot: Option<i64> = row.next()?;
        let verdict: String = row.next()?;
        let told = if page.is_none() {
            Told::Alone(
                serde_json::from_str(&verdict)
                    .map_err(|wrong| DbError::row(8, wrong.to_string()))?,
            )
        } else {
            let slot = u32::try_from(slot.unwrap_or_default()).unwrap_or_default();
            Told::OnPage { body: row.next()?, pools: row.next()?, slot }
        };
        found.push(Decision { id, flow_id, volume_id, attempt, chosen, told, created_at });
    }
    Ok(found)
}
