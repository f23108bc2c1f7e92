//! The table `ashlar_holds`: capacity promised on a pool to a flow and not yet allocated. The sum of a
//! pool's holds stands in `ashlar_pools.held`; the two change together.

use ashlar_types::{FlowId, Gib, HoldId, PoolName, Timestamp};

use crate::{DbError, Tx, args};

/// One promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Identity.
    pub id: HoldId,
    /// Pool that promised.
    pub pool: PoolName,
    /// Flow that it was promised to.
    pub flow_id: FlowId,
    /// Volume or snapshot that it is for.
    pub resource_id: String,
    /// How much.
    pub gib: Gib,
    /// When.
    pub created_at: Timestamp,
}

/// Promises `gib` of the pool to the flow. Whether there is room is for the caller to judge, with the
/// pool locked ([`crate::pools::lock`]). A second promise of the same pool to the same flow is the
/// first one.
///
/// # Errors
/// [`DbError`].
pub async fn take(
    tx: &mut Tx,
    flow: FlowId,
    resource_id: &str,
    pool: &PoolName,
    gib: Gib,
    now: Timestamp,
) -> Result<(), DbError> {
    let known = tx
        .row("SELECT 1 FROM ashlar_holds WHERE flow_id = ? AND pool = ?", args![flow, pool])
        .await?;
    if known.is_some() {
        return Ok(());
    }
    tx.execute(
        "INSERT INTO ashlar_holds (id, pool, flow_id, resource_id, gib, created_at) VALUES \
         (?, ?, ?, ?, ?, ?)",
        args![HoldId::random(), pool, flow, resource_id, gib, now.micros()],
    )
    .await?;
    tx.execute(
        "UPDATE ashlar_pools SET held = held + ?, version = version + 1 WHERE name = ?",
        args![gib, pool],
    )
    .await
    .map(drop)
}

/// Takes back what was promised to the flow, if anything.
///
/// # Errors
/// [`DbError`].
pub async fn release(tx: &mut Tx, flow: FlowId) -> Result<(), DbError> {
    remove(tx, flow, false, 0).await
}

/// Makes what was promised to the flow an allocation, with `volumes` more volumes in the pool.
///
/// # Errors
/// [`DbError`].
pub async fn settle(tx: &mut Tx, flow: FlowId, volumes: i64) -> Result<(), DbError> {
    remove(tx, flow, true, volumes).await
}

async fn remove(tx: &mut Tx, flow: FlowId, allocate: bool, volumes: i64) -> Result<(), DbError> {
    for hold in of_flow(tx, flow).await? {
        let gone = tx.execute("DELETE FROM ashlar_holds WHERE id = ?", args![hold.id]).await?;
        if gone == 0 {
            continue;
        }
        let allocated = if allocate { hold.gib } else { Gib(0) };
        tx.execute(
            "UPDATE ashlar_pools SET held = CASE WHEN held > ? THEN held - ? ELSE 0 END, \
             allocated = allocated + ?, volumes = volumes + ?, version = version + 1 WHERE \
             name = ?",
            args![hold.gib, hold.gib, allocated, volumes, &hold.pool],
        )
        .await?;
    }
    Ok(())
}

/// What is promised to the flow, by pool.
///
/// # Errors
/// [`DbError`].
pub async fn of_flow(tx: &mut Tx, flow: FlowId) -> Result<Vec<Hold>, DbError> {
    read_all(tx, "WHERE flow_id = ? ORDER BY pool, id", args![flow]).await
}

/// What the pool has promised, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn of_pool(tx: &mut Tx, pool: &PoolName) -> Result<Vec<Hold>, DbError> {
    read_all(tx, "WHERE pool = ? ORDER BY created_at, id", args![pool]).await
}

async fn read_all(
    tx: &mut Tx,
    which: &str,
    values: &[crate::Arg<'_>],
) -> Result<Vec<Hold>, DbError> {
    let sql =
        format!("SELECT id, pool, flow_id, resource_id, gib, created_at FROM ashlar_holds {which}");
    let mut found = Vec::new();
    for row in tx.rows(&sql, values).await? {
        let mut row = row.reader();
        found.push(Hold {
            id: row.next()?,
            pool: row.next()?,
            flow_id: row.next()?,
            resource_id: row.next()?,
            gib: row.next()?,
            created_at: Timestamp::from_micros(row.next()?),
        });
    }
    Ok(found)
}
