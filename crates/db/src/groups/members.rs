//! The volumes of a group: who they are, who joins, who leaves.

use ashlar_types::{GroupId, Timestamp, Volume, VolumeId};

use crate::volumes::{columns, read};
use crate::{Arg, DbError, Tx, args};

/// The group's volumes, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn volumes_of(tx: &mut Tx, id: GroupId) -> Result<Vec<Volume>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM volumes t WHERE t.group_id = ? AND t.deleted = FALSE ORDER BY t.created_at, t.id"
    );
    let rows = tx.rows(SQL, args![id]).await?;
    rows.into_iter().map(|row| read(&mut row.reader())).collect()
}

/// As [`volumes_of`], and nobody else changes their rows until the transaction ends. The group's row is
/// locked already.
///
/// # Errors
/// [`DbError`].
pub async fn lock_volumes_of(tx: &mut Tx, id: GroupId) -> Result<Vec<Volume>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM volumes t WHERE t.group_id = ? AND t.deleted = FALSE ORDER BY t.id"
    );
    let sql = format!("{SQL}{}", tx.engine().for_update());
    let rows = tx.rows(&sql, args![id]).await?;
    rows.into_iter().map(|row| read(&mut row.reader())).collect()
}

/// Writes the replication state of all volumes of the group.
///
/// # Errors
/// [`DbError`].
pub async fn set_replication_status_of_volumes(
    tx: &mut Tx,
    id: GroupId,
    to: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "UPDATE volumes SET replication_status = ?, updated_at = ? WHERE group_id = ? AND \
               deleted = FALSE";
    tx.execute(sql, args![to, now, id]).await.map(drop)
}

/// Takes those of the volumes whose replication state is still `from` to `to`, whichever group they are in by now.
///
/// # Errors
/// [`DbError`].
pub async fn end_replication_of(
    tx: &mut Tx,
    volumes: &[VolumeId],
    (from, to): (&str, &str),
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "UPDATE volumes SET replication_status = ?, updated_at = ? WHERE id = ? AND \
               deleted = FALSE AND replication_status = ?";
    // By single ids: rows are locked in the order of ids whatever the engine's plan is.
    let mut ids = volumes.to_vec();
    ids.sort_unstable();
    for id in ids {
        tx.execute(sql, args![to, now, id, from]).await?;
    }
    Ok(())
}

/// Volumes and the group that they join or leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership<'a> {
    /// The group.
    pub group: GroupId,
    /// The volumes.
    pub volumes: &'a [VolumeId],
}

/// Puts those of the volumes that are in no group into it. Doing it twice is the same as once; answers
/// how many are in it now.
///
/// # Errors
/// [`DbError`].
pub async fn join(tx: &mut Tx, who: Membership<'_>, now: Timestamp) -> Result<u64, DbError> {
    let set = "group_id = ?, updated_at = ?";
    let values = args![who.group, now];
    change(tx, who, set, values, "(group_id IS NULL OR group_id = ?)").await
}

/// Takes those of the volumes that are in it out of it, but for those that are being deleted with it.
/// Doing it twice is the same as once; answers how many this time took.
///
/// # Errors
/// [`DbError`].
pub async fn leave(tx: &mut Tx, who: Membership<'_>, now: Timestamp) -> Result<u64, DbError> {
    change(
        tx,
        who,
        "group_id = NULL, updated_at = ?",
        args![now],
        "group_id = ? AND status <> 'deleting'",
    )
    .await
}

/// `condition` has one place, for the group.
async fn change(
    tx: &mut Tx,
    who: Membership<'_>,
    set: &str,
    set_values: &[Arg<'_>],
    condition: &str,
) -> Result<u64, DbError> {
    let mut changed = 0;
    // By single ids: rows are locked in the order of ids whatever the engine's plan is.
    let mut ids = who.volumes.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let sql = format!("UPDATE volumes SET {set} WHERE id = ? AND deleted = FALSE AND {condition}");
    for id in ids {
        let mut values = set_values.to_vec();
        values.extend([Arg::from(id), Arg::from(who.group)]);
        changed += tx.execute(&sql, &values).await?;
    }
    Ok(changed)
}
