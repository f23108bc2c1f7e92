//! The table `ashlar_holds`: capacity promised on a pool to a flow and not yet allocated. The sums of a
//! pool's holds stand in its row; the two change together.
//!
//! | | held | making | unreported | allocated, volumes | made |
//! |---|---|---|---|---|---|
//! | taken | + | + | + | | |
//! | released | − | − | − | | |
//! | settled | − | − | stays | + | + |
//! | written off | − | − | stays | | + |
//!
//! What was settled or written off stays unreported until a report comes that was asked for afterwards.

mod take;

use ashlar_types::{FlowId, Gib, HoldId, PoolName, Timestamp};

pub use take::{Taking, take, take_all};

use crate::{Arg, DbError, Tx, args, sql};

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
    /// How many volumes it is to become: 1 for a new volume, 0 for a snapshot and for growth.
    pub volumes: u64,
    /// When.
    pub created_at: Timestamp,
}

/// Takes back what was promised to the flow, if anything. Whatever was made of it on the backend is gone
/// again.
///
/// # Errors
/// [`DbError`].
pub async fn release(tx: &mut Tx, flow: FlowId) -> Result<(), DbError> {
    for hold in take_away(tx, flow).await? {
        tx.execute(
            "UPDATE ashlar_pools SET held = CASE WHEN held > ? THEN held - ? ELSE 0 END, \
             unreported = CASE WHEN unreported > ? THEN unreported - ? ELSE 0 END, \
             making = CASE WHEN making > ? THEN making - ? ELSE 0 END, \
             version = version + 1 WHERE name = ?",
            args![hold.gib, hold.gib, hold.gib, hold.gib, hold.volumes, hold.volumes, &hold.pool],
        )
        .await?;
    }
    Ok(())
}

/// Takes back what was promised to the flow, if anything, when nobody knows what the backend has made of it: the room
/// is there again when the backend says so.
///
/// # Errors
/// [`DbError`].
pub async fn write_off(tx: &mut Tx, flow: FlowId) -> Result<(), DbError> {
    for hold in take_away(tx, flow).await? {
        tx.execute(
            "UPDATE ashlar_pools SET held = CASE WHEN held > ? THEN held - ? ELSE 0 END, \
             making = CASE WHEN making > ? THEN making - ? ELSE 0 END, made = made + ?, \
             version = version + 1 WHERE name = ?",
            args![hold.gib, hold.gib, hold.volumes, hold.volumes, hold.gib, &hold.pool],
        )
        .await?;
    }
    Ok(())
}

/// Makes what was promised to the flow an allocation. The backend has it.
///
/// # Errors
/// [`DbError`].
pub async fn settle(tx: &mut Tx, flow: FlowId) -> Result<(), DbError> {
    for hold in take_away(tx, flow).await? {
        tx.execute(
            "UPDATE ashlar_pools SET held = CASE WHEN held > ? THEN held - ? ELSE 0 END, \
             making = CASE WHEN making > ? THEN making - ? ELSE 0 END, \
             allocated = allocated + ?, made = made + ?, volumes = volumes + ?, \
             version = version + 1 WHERE name = ?",
            args![
                hold.gib,
                hold.gib,
                hold.volumes,
                hold.volumes,
                hold.gib,
                hold.gib,
                hold.volumes,
                &hold.pool
            ],
        )
        .await?;
    }
    Ok(())
}

/// Removes the flow's holds; answers those that were there, by pool.
async fn take_away(tx: &mut Tx, flow: FlowId) -> Result<Vec<Hold>, DbError> {
    let mut gone = Vec::new();
    for hold in of_flow(tx, flow).await? {
        if tx.execute("DELETE FROM ashlar_holds WHERE id = ?", args![hold.id]).await? > 0 {
            gone.push(hold);
        }
    }
    Ok(gone)
}

/// What is promised to the flow, by pool.
///
/// # Errors
/// [`DbError`].
pub async fn of_flow(tx: &mut Tx, flow: FlowId) -> Result<Vec<Hold>, DbError> {
    read_all(tx, "WHERE flow_id = ? ORDER BY pool, id", args![flow]).await
}

/// What is promised to any of the flows, by flow and pool.
///
/// # Errors
/// [`DbError`].
pub async fn of_flows(tx: &mut Tx, flows: &[FlowId]) -> Result<Vec<Hold>, DbError> {
    let mut found = Vec::new();
    for part in flows.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let which =
            format!("WHERE flow_id IN ({}) ORDER BY flow_id, pool, id", sql::places(part.len()));
        let values: Vec<Arg<'_>> = part.into_iter().map(Arg::from).collect();
        found.append(&mut read_all(tx, &which, &values).await?);
    }
    Ok(found)
}

/// What the pool has promised, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn of_pool(tx: &mut Tx, pool: &PoolName) -> Result<Vec<Hold>, DbError> {
    read_all(tx, "WHERE pool = ? ORDER BY created_at, id", args![pool]).await
}

async fn read_all(tx: &mut Tx, which: &str, values: &[Arg<'_>]) -> Result<Vec<Hold>, DbError> {
    let sql = format!(
        "SELECT id, pool, flow_id, resource_id, gib, volumes, created_at FROM ashlar_holds {which}"
    );
    let mut found = Vec::new();
    for row in tx.rows(&sql, values).await? {
        let mut row = row.reader();
        found.push(Hold {
            id: row.next()?,
            pool: row.next()?,
            flow_id: row.next()?,
            resource_id: row.next()?,
            gib: row.next()?,
            volumes: row.next()?,
            created_at: Timestamp::from_micros(row.next()?),
        });
    }
    Ok(found)
}
