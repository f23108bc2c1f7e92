//! Old decisions go, by age and by number, in portions: first the decisions, then the pages that no decision
//! is on, then the lists of pools that no page is about.

use ashlar_types::Timestamp;

use crate::{DbError, Tx, args, sql};

/// The moment before which decisions go: `older_than`, or later when there are more than `keep_newest`
/// since. Reads the index of as many decisions, so it is asked once and not for every portion.
///
/// # Errors
/// [`DbError`].
pub async fn horizon(
    tx: &mut Tx,
    older_than: Timestamp,
    keep_newest: usize,
) -> Result<Timestamp, DbError> {
    let Some(last) = keep_newest.checked_sub(1) else { return Ok(older_than) };
    let row = tx
        .row(
            "SELECT created_at FROM ashlar_decisions ORDER BY created_at DESC LIMIT 1 OFFSET ?",
            args![last],
        )
        .await?;
    let oldest_kept = row.map(|row| row.get(0)).transpose()?.map(Timestamp::from_micros);
    Ok(oldest_kept.map_or(older_than, |kept| kept.max(older_than)))
}

/// Removes decisions made before `moment` ([`horizon`]), at most `portion` and the oldest first; answers how
/// many went.
///
/// # Errors
/// [`DbError`].
pub async fn prune(tx: &mut Tx, moment: Timestamp, portion: usize) -> Result<u64, DbError> {
    let which = "SELECT id FROM ashlar_decisions WHERE created_at < ? ORDER BY created_at LIMIT ?";
    sql::delete_by_id(tx, "ashlar_decisions", which, args![moment.micros(), portion]).await
}

/// Removes pages that no decision is on, at most `portion`; answers how many went. Decisions go oldest first
/// and have their page's moment, so such pages are older than the oldest decision.
///
/// # Errors
/// [`DbError`].
pub async fn prune_pages(tx: &mut Tx, portion: usize) -> Result<u64, DbError> {
    // The second look is for a page whose transaction ended between the two parts of this statement, and goes by
    // the moment because that is what has an index.
    let which = "SELECT p.id FROM ashlar_decision_pages p WHERE \
         p.created_at < COALESCE((SELECT MIN(o.created_at) FROM ashlar_decisions o), ?) AND NOT EXISTS \
         (SELECT 1 FROM ashlar_decisions d WHERE d.created_at = p.created_at AND d.page_id = p.id) \
         ORDER BY p.created_at LIMIT ?";
    sql::delete_by_id(tx, "ashlar_decision_pages", which, args![i64::MAX, portion]).await
}

/// Removes lists of pools that no page is about and that nobody asked for since `moment`, which is at least a
/// day ago; at most `portion`. Answers how many went.
///
/// # Errors
/// [`DbError`].
pub async fn prune_pool_sets(
    tx: &mut Tx,
    moment: Timestamp,
    portion: usize,
) -> Result<u64, DbError> {
    let which = "SELECT s.id FROM ashlar_pool_sets s WHERE s.created_at < ? AND NOT EXISTS \
         (SELECT 1 FROM ashlar_decision_pages p WHERE p.pool_set = s.id) ORDER BY s.created_at LIMIT ?";
    // One that was asked for in between has a later moment by now.
    let delete = "DELETE FROM ashlar_pool_sets WHERE id = ? AND created_at < ?";
    let mut gone = 0;
    for row in tx.rows(which, args![moment.micros(), portion]).await? {
        let id: String = row.get(0)?;
        gone += tx.execute(delete, args![&id, moment.micros()]).await?;
    }
    Ok(gone)
}
