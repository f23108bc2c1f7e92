//! Usage counted from the rows themselves.

use std::collections::BTreeMap;

use crate::{DbError, Tx, args};

/// What the project uses by its rows: every resource that is not zero. Rows that do not count
/// (`use_quota` false) are left out, and snapshots' sizes when `no_snapshot_gb_quota`.
///
/// # Errors
/// [`DbError`].
pub async fn recount(
    tx: &mut Tx,
    project: &str,
    no_snapshot_gb_quota: bool,
) -> Result<BTreeMap<String, i64>, DbError> {
    let mut found = BTreeMap::new();
    by_type(tx, project, "volumes", "size", true, &mut found).await?;
    by_type(tx, project, "snapshots", "volume_size", !no_snapshot_gb_quota, &mut found).await?;
    let size = tx.engine().as_int("COALESCE(SUM(size), 0)");
    let sql =
        format!("SELECT COUNT(*), {size} FROM backups WHERE project_id = ? AND deleted = FALSE");
    if let Some(mut row) = tx.row(&sql, args![project]).await? {
        add(&mut found, "backups".to_owned(), row.take(0)?);
        add(&mut found, "backup_gigabytes".to_owned(), row.take(1)?);
    }
    let sql = "SELECT COUNT(*) FROM \"groups\" WHERE project_id = ? AND deleted = FALSE";
    if let Some(mut row) = tx.row(sql, args![project]).await? {
        add(&mut found, "groups".to_owned(), row.take(0)?);
    }
    Ok(found)
}

/// Counts the rows of `table` in all and by type.
async fn by_type(
    tx: &mut Tx,
    project: &str,
    table: &str,
    size_column: &str,
    with_size: bool,
    found: &mut BTreeMap<String, i64>,
) -> Result<(), DbError> {
    let size = tx.engine().as_int(&format!("COALESCE(SUM(r.{size_column}), 0)"));
    let sql = format!(
        "SELECT y.name, COUNT(*), {size} FROM {table} r LEFT JOIN volume_types y ON \
         y.id = r.volume_type_id WHERE r.project_id = ? AND r.deleted = FALSE AND \
         r.use_quota = TRUE GROUP BY y.name"
    );
    for row in tx.rows(&sql, args![project]).await? {
        let mut row = row.reader();
        let type_name: Option<String> = row.next()?;
        let count: i64 = row.next()?;
        let size: i64 = if with_size { row.next()? } else { 0 };
        if let Some(name) = type_name {
            add(found, format!("{table}_{name}"), count);
            add(found, format!("gigabytes_{name}"), size);
        }
        add(found, table.to_owned(), count);
        add(found, "gigabytes".to_owned(), size);
    }
    Ok(())
}

fn add(found: &mut BTreeMap<String, i64>, resource: String, amount: i64) {
    if amount != 0 {
        *found.entry(resource).or_default() += amount;
    }
}
