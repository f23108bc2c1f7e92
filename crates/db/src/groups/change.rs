//! What changes in a row of `groups`.

use ashlar_types::{GroupId, GroupStatus, PoolName, Timestamp};

use crate::moved::Moved;
use crate::{Arg, DbError, Tx, args, sql};

/// Moves the group from one of `from` to `to`, in one conditional UPDATE.
///
/// # Errors
/// [`DbError`].
pub async fn transition(
    tx: &mut Tx,
    id: GroupId,
    from: &[GroupStatus],
    to: GroupStatus,
    now: Timestamp,
) -> Result<Moved<GroupStatus>, DbError> {
    let sql = format!(
        "UPDATE \"groups\" SET status = ?, updated_at = ? WHERE id = ? AND deleted = FALSE AND \
         status IN ({})",
        sql::places(from.len())
    );
    let mut values = args![to, now, id].to_vec();
    values.extend(from.iter().copied().map(Arg::from));
    if tx.execute(&sql, &values).await? > 0 {
        return Ok(Moved::Done);
    }
    let sql = "SELECT status FROM \"groups\" WHERE id = ? AND deleted = FALSE";
    match tx.row(sql, args![id]).await? {
        Some(mut row) => Ok(Moved::Refused { now: row.take(0)? }),
        None => Ok(Moved::Gone),
    }
}

/// Sets the status, whatever it was; answers whether the row was there.
///
/// # Errors
/// [`DbError`].
pub async fn set_status(
    tx: &mut Tx,
    id: GroupId,
    to: GroupStatus,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = "UPDATE \"groups\" SET status = ?, updated_at = ? WHERE id = ? AND deleted = FALSE";
    Ok(tx.execute(sql, args![to, now, id]).await? > 0)
}

/// Sets the replication state, whatever it was; answers whether the row was there.
///
/// # Errors
/// [`DbError`].
pub async fn set_replication_status(
    tx: &mut Tx,
    id: GroupId,
    to: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = "UPDATE \"groups\" SET replication_status = ?, updated_at = ? WHERE id = ? AND \
               deleted = FALSE";
    Ok(tx.execute(sql, args![to, now, id]).await? > 0)
}

/// Writes where the group's volumes will live, as the scheduler chose; none takes the place away.
///
/// # Errors
/// [`DbError`].
pub async fn set_place(
    tx: &mut Tx,
    id: GroupId,
    pool: Option<&PoolName>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = "UPDATE \"groups\" SET host = ?, updated_at = ? WHERE id = ? AND deleted = FALSE";
    Ok(tx.execute(sql, args![pool, now, id]).await? > 0)
}

/// New texts. `None` leaves what is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change<'a> {
    /// Name.
    pub name: Option<&'a str>,
    /// Description.
    pub description: Option<&'a str>,
}

/// Changes name and description; answers whether the row was there.
///
/// # Errors
/// [`DbError`].
pub async fn update(
    tx: &mut Tx,
    id: GroupId,
    change: Change<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = "UPDATE \"groups\" SET name = COALESCE(?, name), description = COALESCE(?, description), \
               updated_at = ? WHERE id = ? AND deleted = FALSE";
    Ok(tx.execute(sql, args![change.name, change.description, now, id]).await? > 0)
}

/// Deletes the row and its mapping to volume types, softly. Like Cinder it leaves `updated_at` alone.
/// Doing it twice is the same as once; answers whether this time did it.
///
/// # Errors
/// [`DbError`].
pub async fn destroy(tx: &mut Tx, id: GroupId, now: Timestamp) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE \"groups\" SET status = 'deleted', deleted = TRUE, deleted_at = ? WHERE id = ? AND \
             deleted = FALSE",
            args![now, id],
        )
        .await?;
    tx.execute(
        "UPDATE group_volume_type_mapping SET deleted = TRUE, deleted_at = ? WHERE group_id = ? AND \
         deleted = FALSE",
        args![now, id],
    )
    .await?;
    Ok(changed > 0)
}
