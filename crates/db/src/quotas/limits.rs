//! Where a limit comes from: the project's row, else the default class's row, else the configuration.

use std::collections::BTreeMap;

use ashlar_types::Timestamp;
use ashlar_types::quota::UNLIMITED;

use crate::{Arg, DbError, Tx, args, sql};

/// The class whose limits hold for every project without its own.
const DEFAULT_CLASS: &str = "default";

/// What the configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Limits by resource name; a resource that is not in here (`volumes_gold`) is unlimited.
    pub defaults: BTreeMap<String, i64>,
    /// Rows of the class `default` come before the configuration (`use_default_quota_class`).
    pub use_default_class: bool,
    /// Snapshots do not count in gigabytes (`no_snapshot_gb_quota`).
    pub no_snapshot_gb_quota: bool,
}

impl Limits {
    fn default_of(&self, resource: &str) -> i64 {
        self.defaults.get(resource).copied().unwrap_or(UNLIMITED)
    }
}

/// The limits of `resources` for the project.
///
/// # Errors
/// [`DbError`].
pub async fn limits_of(
    tx: &mut Tx,
    project: &str,
    resources: &[&str],
    limits: &Limits,
) -> Result<BTreeMap<String, i64>, DbError> {
    let mut found: BTreeMap<String, i64> = resources
        .iter()
        .map(|resource| ((*resource).to_owned(), limits.default_of(resource)))
        .collect();
    if resources.is_empty() {
        return Ok(found);
    }
    let places = sql::places(resources.len());
    let mut text = format!(
        "SELECT 2, resource, hard_limit FROM quotas WHERE project_id = ? AND deleted = FALSE AND \
         resource IN ({places})"
    );
    let mut values = vec![Arg::from(project)];
    values.extend(resources.iter().map(|resource| Arg::from(*resource)));
    if limits.use_default_class {
        text.push_str(&format!(
            " UNION ALL SELECT 1, resource, hard_limit FROM quota_classes WHERE class_name = ? AND \
             deleted = FALSE AND resource IN ({places})"
        ));
        values.push(Arg::from(DEFAULT_CLASS));
        values.extend(resources.iter().map(|resource| Arg::from(*resource)));
    }
    let mut rows = Vec::new();
    for row in tx.rows(&text, &values).await? {
        let mut row = row.reader();
        let rank: i64 = row.next()?;
        let resource: String = row.next()?;
        let limit: Option<i64> = row.next()?;
        rows.push((rank, resource, limit.unwrap_or(UNLIMITED)));
    }
    // The project's own come last and win.
    rows.sort();
    for (_, resource, limit) in rows {
        if let Some(known) = found.get_mut(&resource) {
            *known = limit;
        }
    }
    Ok(found)
}

/// The limit of one resource for the project.
///
/// # Errors
/// [`DbError`].
pub async fn limit_of(
    tx: &mut Tx,
    project: &str,
    resource: &str,
    limits: &Limits,
) -> Result<i64, DbError> {
    let found = limits_of(tx, project, &[resource], limits).await?;
    Ok(found.get(resource).copied().unwrap_or(UNLIMITED))
}

/// Gives the project a limit of its own.
///
/// # Errors
/// [`DbError`].
pub async fn set_project_limit(
    tx: &mut Tx,
    project: &str,
    resource: &str,
    limit: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    let known = tx
        .execute(
            "UPDATE quotas SET hard_limit = ?, updated_at = ? WHERE project_id = ? AND \
             resource = ? AND deleted = FALSE",
            args![limit, now, project, resource],
        )
        .await?;
    if known == 0 {
        tx.execute(
            "INSERT INTO quotas (created_at, deleted, project_id, resource, hard_limit, \
             allocated) VALUES (?, FALSE, ?, ?, ?, 0)",
            args![now, project, resource, limit],
        )
        .await?;
    }
    Ok(())
}

/// Takes the project's own limits away; usage stays.
///
/// # Errors
/// [`DbError`].
pub async fn remove_project(tx: &mut Tx, project: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE quotas SET deleted = TRUE, deleted_at = ? WHERE project_id = ? AND deleted = FALSE",
        args![now, project],
    )
    .await
    .map(drop)
}

/// The limits that a class has rows for.
///
/// # Errors
/// [`DbError`].
pub async fn classes(tx: &mut Tx, class: &str) -> Result<BTreeMap<String, i64>, DbError> {
    let rows = tx
        .rows(
            "SELECT resource, hard_limit FROM quota_classes WHERE class_name = ? AND \
             deleted = FALSE ORDER BY id",
            args![class],
        )
        .await?;
    let mut found = BTreeMap::new();
    for mut row in rows {
        let limit: Option<i64> = row.take(1)?;
        found.insert(row.take(0)?, limit.unwrap_or(UNLIMITED));
    }
    Ok(found)
}

/// Gives a class a limit.
///
/// # Errors
/// [`DbError`].
pub async fn set_class_limit(
    tx: &mut Tx,
    class: &str,
    resource: &str,
    limit: i64,
    now: Timestamp,
) -> Result<(), DbError> {
    let known = tx
        .execute(
            "UPDATE quota_classes SET hard_limit = ?, updated_at = ? WHERE class_name = ? AND \
             resource = ? AND deleted = FALSE",
            args![limit, now, class, resource],
        )
        .await?;
    if known == 0 {
        tx.execute(
            "INSERT INTO quota_classes (created_at, deleted, class_name, resource, hard_limit) \
             VALUES (?, FALSE, ?, ?, ?)",
            args![now, class, resource, limit],
        )
        .await?;
    }
    Ok(())
}
