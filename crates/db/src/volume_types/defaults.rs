//! The type that a project's volumes get when none is asked for.

use ashlar_types::{Timestamp, VolumeTypeId};

use crate::{DbError, Tx, args};

/// The project's own default, if it has one.
///
/// # Errors
/// [`DbError`].
pub async fn default_of_project(
    tx: &mut Tx,
    project: &str,
) -> Result<Option<VolumeTypeId>, DbError> {
    let row = tx
        .row(
            "SELECT volume_type_id FROM default_volume_types WHERE project_id = ? AND \
             deleted = FALSE",
            args![project],
        )
        .await?;
    row.map_or(Ok(None), |mut row| row.take(0))
}

/// All projects that have a default of their own, with it.
///
/// # Errors
/// [`DbError`].
pub async fn defaults(tx: &mut Tx) -> Result<Vec<(String, VolumeTypeId)>, DbError> {
    let rows = tx
        .rows(
            "SELECT project_id, volume_type_id FROM default_volume_types WHERE deleted = FALSE AND \
             volume_type_id IS NOT NULL ORDER BY project_id",
            &[],
        )
        .await?;
    rows.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}

/// Gives the project a default of its own.
///
/// # Errors
/// [`DbError::Duplicate`] when somebody else gave it its first one at the same moment.
pub async fn set_default(
    tx: &mut Tx,
    project: &str,
    id: VolumeTypeId,
    now: Timestamp,
) -> Result<(), DbError> {
    // The project is the primary key: a row that is marked as deleted comes back.
    let known = tx
        .execute(
            "UPDATE default_volume_types SET volume_type_id = ?, updated_at = ?, deleted = FALSE, \
             deleted_at = NULL WHERE project_id = ?",
            args![id, now, project],
        )
        .await?;
    if known == 0 {
        tx.execute(
            "INSERT INTO default_volume_types (created_at, deleted, project_id, volume_type_id) \
             VALUES (?, FALSE, ?, ?)",
            args![now, project, id],
        )
        .await?;
    }
    Ok(())
}

/// Takes the project's default away; answers whether it had one. The row goes, as in Cinder, which could not give the
/// project another default otherwise.
///
/// # Errors
/// [`DbError`].
pub async fn unset_default(tx: &mut Tx, project: &str) -> Result<bool, DbError> {
    let removed =
        tx.execute("DELETE FROM default_volume_types WHERE project_id = ?", args![project]).await?;
    Ok(removed > 0)
}

/// Some project has the type as its default.
pub(super) async fn is_default(tx: &mut Tx, id: VolumeTypeId) -> Result<bool, DbError> {
    let found = tx
        .row(
            "SELECT 1 FROM default_volume_types WHERE volume_type_id = ? AND deleted = FALSE \
             LIMIT 1",
            args![id],
        )
        .await?;
    Ok(found.is_some())
}
