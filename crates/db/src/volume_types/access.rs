//! Which projects a private type is granted to. A removed grant carries its own number in `deleted`,
//! so that it may be given again.

use ashlar_types::{Timestamp, VolumeTypeId};

use crate::{DbError, Tx, args};

/// The projects that the type is granted to, in order.
///
/// # Errors
/// [`DbError`].
pub async fn projects(tx: &mut Tx, id: VolumeTypeId) -> Result<Vec<String>, DbError> {
    let rows = tx
        .rows(
            "SELECT project_id FROM volume_type_projects WHERE volume_type_id = ? AND deleted = 0 \
             ORDER BY id",
            args![id],
        )
        .await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}

/// Grants the type to a project; answers false when it is granted already.
///
/// # Errors
/// [`DbError::Duplicate`] when another granted it at the same moment.
pub async fn grant(
    tx: &mut Tx,
    id: VolumeTypeId,
    project: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let known = tx
        .row(
            "SELECT 1 FROM volume_type_projects WHERE volume_type_id = ? AND project_id = ? AND \
             deleted = 0",
            args![id, project],
        )
        .await?;
    if known.is_some() {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO volume_type_projects (created_at, deleted, volume_type_id, project_id) VALUES \
         (?, 0, ?, ?)",
        args![now, id, project],
    )
    .await?;
    Ok(true)
}

/// Takes a grant back; answers whether there was one.
///
/// # Errors
/// [`DbError`].
pub async fn revoke(
    tx: &mut Tx,
    id: VolumeTypeId,
    project: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE volume_type_projects SET deleted = id, deleted_at = ? WHERE \
             volume_type_id = ? AND project_id = ? AND deleted = 0",
            args![now, id, project],
        )
        .await?;
    Ok(changed > 0)
}
