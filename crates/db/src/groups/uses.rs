//! What hangs on a group and keeps it from being deleted.

use ashlar_types::GroupId;

use crate::{DbError, Tx, args};

/// Whether there are snapshots of the group.
///
/// # Errors
/// [`DbError`].
pub async fn has_snapshots(tx: &mut Tx, id: GroupId) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM group_snapshots WHERE group_id = ? AND deleted = FALSE LIMIT 1";
    Ok(tx.row(sql, args![id]).await?.is_some())
}

/// Whether a group is being made from it. Of all rows only those that are not deleted are looked through.
///
/// # Errors
/// [`DbError`].
pub async fn feeds_a_group(tx: &mut Tx, id: GroupId) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM \"groups\" WHERE deleted = FALSE AND source_group_id = ? AND \
               status = 'creating' LIMIT 1";
    Ok(tx.row(sql, args![id]).await?.is_some())
}
