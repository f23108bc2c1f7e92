//! Promising capacity, to one flow or to many at once.

use std::collections::{BTreeMap, HashSet};

use ashlar_types::{FlowId, Gib, HoldId, PoolName, Timestamp};

use super::of_flows;
use crate::{Arg, DbError, Tx, sql};

/// What is to be promised, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taking<'a> {
    /// The flow.
    pub flow: FlowId,
    /// The volume or snapshot that it is for.
    pub resource_id: &'a str,
    /// The pool that promises.
    pub pool: &'a PoolName,
    /// How much.
    pub gib: Gib,
    /// How many volumes it is to become: 1 for a new volume, 0 for a snapshot and for growth.
    pub volumes: u64,
}

/// Pools whose figures one statement changes.
const POOLS_AT_ONCE: usize = 64;

/// What a pool promises, together.
#[derive(Default, Clone, Copy)]
struct Sum {
    gib: i64,
    volumes: u64,
}

/// Promises capacity of a pool to a flow. Whether there is room is for the caller to judge, with the
/// pool locked ([`crate::pools::lock`]). A second promise of the same pool to the same flow is the
/// first one.
///
/// # Errors
/// [`DbError`].
pub async fn take(tx: &mut Tx, taking: &Taking<'_>, now: Timestamp) -> Result<(), DbError> {
    take_all(tx, std::slice::from_ref(taking), now).await
}

/// Promises to many flows at once, each as [`take`]. The caller has the pools locked
/// ([`crate::pools::lock_all`]). Each pool's figures change once.
///
/// # Errors
/// [`DbError`].
pub async fn take_all(tx: &mut Tx, all: &[Taking<'_>], now: Timestamp) -> Result<(), DbError> {
    let flows: Vec<FlowId> = all.iter().map(|taking| taking.flow).collect();
    let known = of_flows(tx, &flows).await?;
    let mut known: HashSet<(FlowId, &PoolName)> =
        known.iter().map(|hold| (hold.flow_id, &hold.pool)).collect();
    let fresh: Vec<&Taking<'_>> =
        all.iter().filter(|taking| known.insert((taking.flow, taking.pool))).collect();
    let mut sums: BTreeMap<&PoolName, Sum> = BTreeMap::new();
    for taking in &fresh {
        let sum = sums.entry(taking.pool).or_default();
        sum.gib = sum.gib.saturating_add(taking.gib.signed());
        sum.volumes += taking.volumes;
    }
    for part in sql::powers(&fresh) {
        insert(tx, part, now).await?;
    }
    let sums: Vec<(&PoolName, Sum)> = sums.into_iter().collect();
    for part in sums.chunks(POOLS_AT_ONCE) {
        count(tx, part).await?;
    }
    Ok(())
}

async fn insert(tx: &mut Tx, part: &[&Taking<'_>], now: Timestamp) -> Result<(), DbError> {
    let rows = vec!["(?, ?, ?, ?, ?, ?, ?)"; part.len()].join(", ");
    let sql = format!(
        "INSERT INTO ashlar_holds (id, pool, flow_id, resource_id, gib, volumes, created_at) VALUES {rows}"
    );
    let mut values = Vec::with_capacity(part.len() * 7);
    for taking in part {
        values.extend([
            Arg::from(HoldId::fresh()),
            Arg::from(taking.pool),
            Arg::from(taking.flow),
            Arg::from(taking.resource_id),
            Arg::from(taking.gib),
            Arg::from(taking.volumes),
            Arg::from(now.micros()),
        ]);
    }
    tx.execute(&sql, &values).await.map(drop)
}

async fn count(tx: &mut Tx, part: &[(&PoolName, Sum)]) -> Result<(), DbError> {
    let part = sql::pad(part);
    let by_name = |value: fn(&Sum) -> Arg<'static>| {
        part.iter().flat_map(move |(name, sum)| [Arg::from(*name), value(sum)])
    };
    let gib = |sum: &Sum| Arg::from(sum.gib);
    let values: Vec<Arg<'_>> = by_name(gib)
        .chain(by_name(gib))
        .chain(by_name(|sum| Arg::from(sum.volumes)))
        .chain(part.iter().map(|(name, _)| Arg::from(*name)))
        .collect();
    let case = sql::case("name", part.len());
    let sql = format!(
        "UPDATE ashlar_pools SET held = held + {case}, unreported = unreported + {case}, \
         making = making + {case}, version = version + 1 WHERE name IN ({})",
        sql::places(part.len())
    );
    tx.execute(&sql, &values).await.map(drop)
}
