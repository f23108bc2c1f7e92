//! What lies on a backend, project by project: volumes and snapshots, counted in `volumes` and `snapshots`.

use std::collections::BTreeMap;

use ashlar_types::BackendName;

use crate::{Arg, DbError, Tx, args, sql};

/// What one project has there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HostUsage {
    /// Volumes.
    pub volumes: i64,
    /// Their size together, GiB.
    pub volume_gib: i64,
    /// Snapshots.
    pub snapshots: i64,
    /// Size of the volumes that they were taken of, together, GiB.
    pub snapshot_gib: i64,
}

/// What each project that has volumes on the backend has there, by project.
///
/// # Errors
/// [`DbError`].
pub async fn of_backend(
    tx: &mut Tx,
    backend: &BackendName,
) -> Result<BTreeMap<String, HostUsage>, DbError> {
    let mut found: BTreeMap<String, HostUsage> = BTreeMap::new();
    for (project, count, gib) in grouped(tx, backend, "v.project_id", "v.size", "").await? {
        let usage = found.entry(project).or_default();
        (usage.volumes, usage.volume_gib) = (count, gib);
    }
    let join = "JOIN snapshots s ON s.volume_id = v.id AND s.deleted = FALSE";
    for (project, count, gib) in grouped(tx, backend, "s.project_id", "s.volume_size", join).await?
    {
        if let Some(usage) = found.get_mut(&project) {
            (usage.snapshots, usage.snapshot_gib) = (count, gib);
        }
    }
    Ok(found)
}

/// Number and size by project, over what lies on the backend itself or in its pools.
async fn grouped(
    tx: &mut Tx,
    backend: &BackendName,
    project: &str,
    size: &str,
    join: &str,
) -> Result<Vec<(String, i64, i64)>, DbError> {
    let sum = tx.engine().as_int(&format!("SUM({size})"));
    let sql = format!(
        "SELECT {project}, COUNT(*), {sum} FROM volumes v {join} WHERE v.deleted = FALSE AND \
         (v.host = ? OR v.host LIKE ? ESCAPE '!') GROUP BY {project}"
    );
    let pools = Arg::from(sql::starts_pattern(&format!("{backend}#")));
    let mut values = args![backend].to_vec();
    values.push(pools);
    let rows = tx.rows(&sql, &values).await?;
    rows.into_iter()
        .map(|mut row| {
            let project: Option<String> = row.take(0)?;
            let gib: Option<i64> = row.take(2)?;
            Ok((project.unwrap_or_default(), row.take(1)?, gib.unwrap_or_default()))
        })
        .collect()
}
