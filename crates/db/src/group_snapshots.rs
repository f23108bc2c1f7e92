//! The table `group_snapshots`: rows in and out, every change of one, and lists. What belongs to a group snapshot are
//! the rows of `snapshots` that name it.
//!
//! A status changes by compare and swap ([`transition`]). Rows are deleted softly, as Cinder does.

mod columns;
mod row;

use ashlar_types::{
    GroupId, GroupSnapshot, GroupSnapshotId, GroupSnapshotStatus, GroupTypeId, Snapshot, Timestamp,
};

pub use columns::GroupSnapshotColumn;
use row::{columns, read};

use crate::listing::{self, Built, Filter, Page};
use crate::moved::Moved;
use crate::snapshots::{columns as snapshot_columns, read as read_snapshot};
use crate::{Arg, DbError, Tx, args, flows, sql};

/// Which group snapshots a list is to have.
pub type GroupSnapshotFilter = Filter<GroupSnapshotColumn>;
/// Which part of the list, and in which order.
pub type GroupSnapshotPage = Page<GroupSnapshotColumn>;

/// Inserts the row. The caller holds the group's row ([`crate::groups::get_for_update`]), so that no delete of the
/// group overlooks it.
///
/// # Errors
/// [`DbError::Duplicate`] when the id is taken.
pub async fn insert(tx: &mut Tx, made: &GroupSnapshot) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO group_snapshots (id, group_id, project_id, user_id, name, description, status, \
         group_type_id, created_at, updated_at, deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, FALSE)",
        args![
            made.id,
            made.group_id,
            &made.project_id,
            &made.user_id,
            &made.name,
            &made.description,
            made.status,
            made.group_type_id,
            made.created_at,
            made.updated_at,
        ],
    )
    .await
    .map(drop)
}

const BY_ID: &str =
    concat!("SELECT ", columns!(), " FROM group_snapshots t WHERE t.id = ? AND t.deleted = FALSE");

/// The group snapshot, unless it is deleted.
///
/// # Errors
/// [`DbError`].
pub async fn get(tx: &mut Tx, id: GroupSnapshotId) -> Result<Option<GroupSnapshot>, DbError> {
    tx.row(BY_ID, args![id]).await?.map(|row| read(&mut row.reader())).transpose()
}

/// As [`get`], and nobody else changes the row until the transaction ends. The group's row is locked before it, its
/// snapshots' after it.
///
/// # Errors
/// [`DbError`].
pub async fn get_for_update(
    tx: &mut Tx,
    id: GroupSnapshotId,
) -> Result<Option<GroupSnapshot>, DbError> {
    let sql = format!("{BY_ID}{}", tx.engine().for_update());
    tx.row(&sql, args![id]).await?.map(|row| read(&mut row.reader())).transpose()
}

/// One page; `None` when the marker is not there.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut Tx,
    filter: &GroupSnapshotFilter,
    page: &GroupSnapshotPage,
) -> Result<Option<Vec<GroupSnapshot>>, DbError> {
    list_but(tx, filter, None, page).await
}

/// As [`list`], without those of groups of type `but`.
///
/// # Errors
/// [`DbError`].
pub async fn list_but(
    tx: &mut Tx,
    filter: &GroupSnapshotFilter,
    but: Option<GroupTypeId>,
    page: &GroupSnapshotPage,
) -> Result<Option<Vec<GroupSnapshot>>, DbError> {
    const SELECT: &str = concat!("SELECT ", columns!(), " FROM group_snapshots t");
    let mut more = Built::default();
    if let Some(but) = but {
        more.sql.push_str(" AND (t.group_type_id IS NULL OR t.group_type_id <> ?)");
        more.values.push(Arg::from(but));
    }
    let Some(built) = listing::page_with(tx, SELECT, filter, more, page).await? else {
        return Ok(None);
    };
    let rows = tx.rows(&built.sql, &built.values).await?;
    let found: Result<Vec<GroupSnapshot>, DbError> =
        rows.into_iter().map(|row| read(&mut row.reader())).collect();
    found.map(Some)
}

/// Its snapshots, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn members(tx: &mut Tx, id: GroupSnapshotId) -> Result<Vec<Snapshot>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        snapshot_columns!(),
        " FROM snapshots t WHERE t.group_snapshot_id = ? AND t.deleted = FALSE \
         ORDER BY t.created_at, t.id"
    );
    let rows = tx.rows(SQL, args![id]).await?;
    rows.into_iter().map(|row| read_snapshot(&mut row.reader())).collect()
}

/// Whether the group has a snapshot, in whatever status.
///
/// # Errors
/// [`DbError`].
pub async fn any_of_group(tx: &mut Tx, id: GroupId) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM group_snapshots WHERE group_id = ? AND deleted = FALSE LIMIT 1";
    Ok(tx.row(sql, args![id]).await?.is_some())
}

/// A group that is being made from it, if there is one.
///
/// # Errors
/// [`DbError`].
pub async fn being_made_from(tx: &mut Tx, id: GroupSnapshotId) -> Result<Option<GroupId>, DbError> {
    // Unfinished operations are few, so they are looked through, not the groups; and not in a join, for the reason that
    // stands in `volumes/sources.rs`.
    for part in flows::subjects(tx, "create-group-from-source").await?.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!(
            "SELECT id FROM \"groups\" WHERE id IN ({}) AND deleted = FALSE AND group_snapshot_id = ? LIMIT 1",
            sql::places(part.len())
        );
        let mut values: Vec<Arg<'_>> = part.iter().map(Arg::from).collect();
        values.push(Arg::from(id));
        if let Some(row) = tx.row(&sql, &values).await? {
            return row.get(0).map(Some);
        }
    }
    Ok(None)
}

/// Moves the group snapshot from one of `from` to `to`, in one conditional UPDATE.
///
/// # Errors
/// [`DbError`].
pub async fn transition(
    tx: &mut Tx,
    id: GroupSnapshotId,
    from: &[GroupSnapshotStatus],
    to: GroupSnapshotStatus,
    now: Timestamp,
) -> Result<Moved<GroupSnapshotStatus>, DbError> {
    let sql = format!(
        "UPDATE group_snapshots SET status = ?, updated_at = ? WHERE id = ? AND deleted = FALSE AND \
         status IN ({})",
        sql::places(from.len())
    );
    let mut values = args![to, now, id].to_vec();
    values.extend(from.iter().copied().map(Arg::from));
    if tx.execute(&sql, &values).await? > 0 {
        return Ok(Moved::Done);
    }
    Ok(match get(tx, id).await? {
        Some(found) => Moved::Refused { now: found.status },
        None => Moved::Gone,
    })
}

/// Sets the status, whatever it was; answers whether the row was there.
///
/// # Errors
/// [`DbError`].
pub async fn set_status(
    tx: &mut Tx,
    id: GroupSnapshotId,
    to: GroupSnapshotStatus,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql =
        "UPDATE group_snapshots SET status = ?, updated_at = ? WHERE id = ? AND deleted = FALSE";
    Ok(tx.execute(sql, args![to, now, id]).await? > 0)
}

/// Deletes the row, softly. Like Cinder it leaves `updated_at` alone. Doing it twice is the same as once; answers
/// whether this time did it.
///
/// # Errors
/// [`DbError`].
pub async fn destroy(tx: &mut Tx, id: GroupSnapshotId, now: Timestamp) -> Result<bool, DbError> {
    let sql = "UPDATE group_snapshots SET status = 'deleted', deleted = TRUE, deleted_at = ? WHERE \
               id = ? AND deleted = FALSE";
    Ok(tx.execute(sql, args![now, id]).await? > 0)
}
