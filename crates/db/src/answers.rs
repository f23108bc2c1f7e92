//! What flows have to tell whoever waits for them, for instance how a host reaches a volume. It may hold a password, so
//! it is kept apart from the flows' states and logs, and goes when it was taken or grows old.

use ashlar_types::{FlowId, Timestamp};

use crate::{DbError, Tx, args, sql};

/// Keeps what the flow tells, in place of what it told before.
///
/// # Errors
/// [`DbError`].
pub async fn put(tx: &mut Tx, flow: FlowId, body: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute("DELETE FROM ashlar_answers WHERE flow_id = ?", args![flow]).await?;
    tx.execute(
        "INSERT INTO ashlar_answers (flow_id, body, created_at) VALUES (?, ?, ?)",
        args![flow, body, now.micros()],
    )
    .await
    .map(drop)
}

/// Takes what the flow told, and forgets it.
///
/// # Errors
/// [`DbError`].
pub async fn take(tx: &mut Tx, flow: FlowId) -> Result<Option<String>, DbError> {
    let row = tx.row("SELECT body FROM ashlar_answers WHERE flow_id = ?", args![flow]).await?;
    let body = row.map(|mut row| row.take(0)).transpose()?;
    tx.execute("DELETE FROM ashlar_answers WHERE flow_id = ?", args![flow]).await?;
    Ok(body)
}

/// Removes what was told before `before` and nobody took; answers how many went, at most `limit`.
///
/// # Errors
/// [`DbError`].
pub async fn prune(tx: &mut Tx, before: Timestamp, limit: usize) -> Result<u64, DbError> {
    let which = "SELECT flow_id FROM ashlar_answers WHERE created_at < ? LIMIT ?";
    let rows = tx.rows(which, args![before.micros(), limit]).await?;
    let mut gone = 0;
    for part in rows.chunks(sql::IN_LIST) {
        let ids: Vec<String> = part.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        let ids = sql::pad(&ids);
        let sql =
            format!("DELETE FROM ashlar_answers WHERE flow_id IN ({})", sql::places(ids.len()));
        let values: Vec<crate::Arg<'_>> = ids.iter().map(crate::Arg::from).collect();
        gone += tx.execute(&sql, &values).await?;
    }
    Ok(gone)
}
