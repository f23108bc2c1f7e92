//! Taking and giving back: the hot path, three statements on rows that are locked in one order.

use std::collections::BTreeMap;

use ashlar_types::Timestamp;
use ashlar_types::quota::{Delta, Over, Usage, fits};

use super::limits::{Limits, limits_of};
use super::recount::recount;
use crate::{Arg, DbError, Engine, Tx, sql};

/// The most that the column keeps; a limit of −1 cannot take usage beyond it.
const MOST: i64 = i32::MAX as i64;
/// In `in_use`: to be counted from the rows before anyone reads it. Cinder does the same with such a row.
const UNCOUNTED: i64 = -1;

/// A locked row of `quota_usages`.
struct Locked {
    id: i64,
    resource: String,
    usage: Usage,
}

/// Takes `deltas` (negative ones are given back) for the project, all or none. The rows that they are
/// for are written after this in the same transaction, not before: a resource that was never counted is
/// counted here.
///
/// The inner error names the first resource whose limit would be passed: gigabytes before volumes
/// before snapshots, as Cinder reports them.
///
/// # Errors
/// [`DbError`].
pub async fn take(
    tx: &mut Tx,
    project: &str,
    deltas: &[Delta],
    limits: &Limits,
    now: Timestamp,
) -> Result<Result<(), Over>, DbError> {
    if deltas.is_empty() {
        return Ok(Ok(()));
    }
    let wanted = sum_up(deltas);
    let locked = lock_all(tx, project, &wanted, limits, now).await?;
    let asked: Vec<&str> =
        wanted.iter().filter(|(_, amount)| **amount > 0).map(|(name, _)| name.as_str()).collect();
    let limits = limits_of(tx, project, &asked, limits).await?;
    if let Some(over) = first_over(&wanted, &locked, &limits, tx.engine()) {
        return Ok(Err(over));
    }
    write(tx, &wanted, &locked, now).await?;
    Ok(Ok(()))
}

/// Gives back what `deltas` say, as positive amounts; usage never goes below nothing. A resource that
/// was never counted stays so. Either order with the change of the rows will do.
///
/// # Errors
/// [`DbError`].
pub async fn give_back(
    tx: &mut Tx,
    project: &str,
    deltas: &[Delta],
    now: Timestamp,
) -> Result<(), DbError> {
    if deltas.is_empty() {
        return Ok(());
    }
    let mut wanted = sum_up(deltas);
    for amount in wanted.values_mut() {
        *amount = -*amount;
    }
    let mut locked = lock_known(tx, project, &wanted).await?;
    locked.retain(|row| row.usage.in_use >= 0);
    for row in &locked {
        let amount = amount_of(&wanted, &row.resource, tx.engine());
        if row.usage.in_use + amount < 0 {
            tracing::warn!(
                project, resource = %row.resource, in_use = row.usage.in_use, amount,
                "more quota is given back than was in use"
            );
        }
    }
    write(tx, &wanted, &locked, now).await
}

/// Several changes of one resource are one; by name, the order of locking.
fn sum_up(deltas: &[Delta]) -> BTreeMap<String, i64> {
    let mut wanted = BTreeMap::new();
    for delta in deltas {
        *wanted.entry(delta.resource.clone()).or_insert(0) += delta.amount;
    }
    wanted
}

/// On MySQL the unique key does not tell `volumes_Gold` from `volumes_gold`, so neither may we.
fn same(engine: Engine, one: &str, other: &str) -> bool {
    one == other || (engine == Engine::Mysql && one.to_lowercase() == other.to_lowercase())
}

fn amount_of(wanted: &BTreeMap<String, i64>, resource: &str, engine: Engine) -> i64 {
    wanted.iter().filter(|(name, _)| same(engine, name, resource)).map(|(_, amount)| amount).sum()
}

async fn lock_known(
    tx: &mut Tx,
    project: &str,
    wanted: &BTreeMap<String, i64>,
) -> Result<Vec<Locked>, DbError> {
    let sql = format!(
        "SELECT id, resource, in_use, reserved FROM quota_usages WHERE project_id = ? AND \
         resource IN ({}) AND deleted = FALSE ORDER BY resource{}",
        sql::places(wanted.len()),
        tx.engine().for_update()
    );
    let mut values = vec![Arg::from(project)];
    values.extend(wanted.keys().map(Arg::from));
    let mut locked = Vec::with_capacity(wanted.len());
    for row in tx.rows(&sql, &values).await? {
        let mut row = row.reader();
        locked.push(Locked {
            id: row.next()?,
            resource: row.next()?,
            usage: Usage { in_use: row.next()?, reserved: row.next()? },
        });
    }
    Ok(locked)
}

/// Locks the rows, makes those that are missing, and counts those that were never counted.
async fn lock_all(
    tx: &mut Tx,
    project: &str,
    wanted: &BTreeMap<String, i64>,
    limits: &Limits,
    now: Timestamp,
) -> Result<Vec<Locked>, DbError> {
    let mut locked = lock_known(tx, project, wanted).await?;
    let engine = tx.engine();
    let missing: Vec<&String> = wanted
        .keys()
        .filter(|name| !locked.iter().any(|row| same(engine, &row.resource, name)))
        .collect();
    if !missing.is_empty() {
        add(tx, project, &missing, now).await?;
        locked = lock_known(tx, project, wanted).await?;
    }
    if locked.iter().any(|row| row.usage.in_use < 0) {
        let counted = recount(tx, project, limits.no_snapshot_gb_quota).await?;
        for row in locked.iter_mut().filter(|row| row.usage.in_use < 0) {
            row.usage.in_use = amount_of(&counted, &row.resource, engine);
        }
    }
    Ok(locked)
}

/// Makes the rows, uncounted. Another may make the same at the same time: its row is kept.
async fn add(
    tx: &mut Tx,
    project: &str,
    missing: &[&String],
    now: Timestamp,
) -> Result<(), DbError> {
    let rows = vec!["(?, FALSE, ?, ?, ?, 0, TRUE)"; missing.len()].join(", ");
    let sql = format!(
        "INSERT INTO quota_usages (created_at, deleted, project_id, resource, in_use, reserved, \
         race_preventer) VALUES {rows}{}",
        tx.engine().or_keep("in_use")
    );
    let mut values = Vec::with_capacity(missing.len() * 4);
    for resource in missing {
        values.extend([
            Arg::from(now),
            Arg::from(project),
            Arg::from(*resource),
            Arg::from(UNCOUNTED),
        ]);
    }
    tx.execute(&sql, &values).await.map(drop)
}

fn first_over(
    wanted: &BTreeMap<String, i64>,
    locked: &[Locked],
    limits: &BTreeMap<String, i64>,
    engine: Engine,
) -> Option<Over> {
    let over = |(resource, amount): (&String, &i64)| {
        let row = locked.iter().find(|row| same(engine, &row.resource, resource));
        let usage = row.map(|row| row.usage).unwrap_or_default();
        let limit = limits.get(resource).copied().filter(|limit| *limit >= 0).unwrap_or(MOST);
        (!fits(limit, usage, *amount)).then(|| Over {
            resource: resource.clone(),
            requested: *amount,
            limit,
            consumed: usage.in_use.saturating_add(usage.reserved),
        })
    };
    wanted.iter().filter_map(over).min_by_key(|over| rank(&over.resource))
}

/// The order in which limits that are passed are reported.
fn rank(resource: &str) -> usize {
    const ORDER: [&str; 3] = ["gigabytes", "volumes", "snapshots"];
    ORDER.iter().position(|kind| resource.starts_with(kind)).unwrap_or(ORDER.len())
}

/// Writes all rows in one statement. They are locked, so what was read still holds.
async fn write(
    tx: &mut Tx,
    wanted: &BTreeMap<String, i64>,
    locked: &[Locked],
    now: Timestamp,
) -> Result<(), DbError> {
    if locked.is_empty() {
        return Ok(());
    }
    let engine = tx.engine();
    let sql = format!(
        "UPDATE quota_usages SET in_use = CASE id{} ELSE in_use END, updated_at = ? WHERE id IN ({})",
        " WHEN ? THEN ?".repeat(locked.len()),
        sql::places(locked.len())
    );
    let mut values = Vec::with_capacity(locked.len() * 3 + 1);
    for row in locked {
        let after = row.usage.in_use + amount_of(wanted, &row.resource, engine);
        values.extend([Arg::from(row.id), Arg::from(after.clamp(0, MOST))]);
    }
    values.push(Arg::from(now));
    values.extend(locked.iter().map(|row| Arg::from(row.id)));
    tx.execute(&sql, &values).await.map(drop)
}

/// Usage of every resource of the project that was ever counted. One that was not, and one that is not
/// in here, is counted by [`super::recount`].
///
/// # Errors
/// [`DbError`].
pub async fn usages(tx: &mut Tx, project: &str) -> Result<BTreeMap<String, Usage>, DbError> {
    let rows = tx
        .rows(
            "SELECT resource, in_use, reserved FROM quota_usages WHERE project_id = ? AND \
             deleted = FALSE AND in_use >= 0",
            &[Arg::from(project)],
        )
        .await?;
    let mut found = BTreeMap::new();
    for mut row in rows {
        let usage = Usage { in_use: row.take(1)?, reserved: row.take(2)? };
        found.insert(row.take(0)?, usage);
    }
    Ok(found)
}

/// Limit and usage of `resources` for the project, as the API shows them.
///
/// # Errors
/// [`DbError`].
pub async fn show(
    tx: &mut Tx,
    project: &str,
    resources: &[&str],
    limits: &Limits,
) -> Result<BTreeMap<String, (i64, Usage)>, DbError> {
    let used = usages(tx, project).await?;
    let found = limits_of(tx, project, resources, limits).await?;
    Ok(found
        .into_iter()
        .map(|(resource, limit)| {
            let usage = used.get(&resource).copied().unwrap_or_default();
            (resource, (limit, usage))
        })
        .collect())
}
