//! The table `groups` and its mapping to volume types: rows in and out, and every change of one.
//!
//! A status changes by compare and swap ([`transition`]). Rows are deleted softly, as Cinder does.

mod change;
mod members;
mod row;
mod uses;

use std::collections::HashMap;

use ashlar_types::{Group, GroupId, Timestamp, VolumeTypeId};

pub use change::{
    Change, destroy, set_place, set_replication_status, set_status, transition, update,
};
pub use members::{
    Membership, end_replication_of, join, leave, lock_volumes_of,
    set_replication_status_of_volumes, volumes_of,
};
pub(crate) use row::{columns, read};
pub use uses::{feeds_a_group, has_snapshots};

use crate::{Arg, DbError, Tx, args, sql};

/// Inserts the row and the mapping to its volume types.
///
/// # Errors
/// [`DbError::Duplicate`] when the id is taken.
pub async fn insert(tx: &mut Tx, group: &Group) -> Result<(), DbError> {
    let g = group;
    let values = args![
        g.id,
        &g.project_id,
        &g.user_id,
        &g.cluster_name,
        &g.host,
        &g.availability_zone,
        &g.name,
        &g.description,
        g.group_type_id,
        g.status,
        g.group_snapshot_id,
        g.source_group_id,
        &g.replication_status,
        g.created_at,
        g.updated_at,
    ];
    tx.execute(
        "INSERT INTO \"groups\" (id, project_id, user_id, cluster_name, host, availability_zone, name, \
         description, group_type_id, status, group_snapshot_id, source_group_id, \
         replication_status, created_at, updated_at, deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, \
         ?, ?, ?, ?, ?, ?, FALSE)",
        values,
    )
    .await?;
    map_types(tx, g.id, &g.volume_types, g.created_at).await
}

/// Adds volume types that the group may hold; the caller knows that they are not mapped yet.
///
/// # Errors
/// [`DbError`].
pub async fn map_types(
    tx: &mut Tx,
    id: GroupId,
    types: &[VolumeTypeId],
    now: Timestamp,
) -> Result<(), DbError> {
    for part in sql::powers(types) {
        let rows = vec!["(?, FALSE, ?, ?)"; part.len()].join(", ");
        let sql = format!(
            "INSERT INTO group_volume_type_mapping (created_at, deleted, group_id, volume_type_id) \
             VALUES {rows}"
        );
        let values: Vec<Arg<'_>> =
            part.iter().flat_map(|of| [Arg::from(now), Arg::from(id), Arg::from(*of)]).collect();
        tx.execute(&sql, &values).await?;
    }
    Ok(())
}

/// The volume types of each of the groups.
///
/// # Errors
/// [`DbError`].
pub async fn types_of_many(
    tx: &mut Tx,
    ids: &[GroupId],
) -> Result<HashMap<GroupId, Vec<VolumeTypeId>>, DbError> {
    let mut found: HashMap<GroupId, Vec<VolumeTypeId>> = HashMap::new();
    for part in ids.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!(
            "SELECT group_id, volume_type_id FROM group_volume_type_mapping WHERE group_id IN ({}) \
             AND deleted = FALSE ORDER BY id",
            sql::places(part.len())
        );
        let values: Vec<_> = part.into_iter().map(Arg::from).collect();
        for mut row in tx.rows(&sql, &values).await? {
            found.entry(row.take(0)?).or_default().push(row.take(1)?);
        }
    }
    Ok(found)
}

const BY_ID: &str =
    concat!("SELECT ", columns!(), " FROM \"groups\" t WHERE t.id = ? AND t.deleted = FALSE");

/// The group with its volume types, unless it is deleted.
///
/// # Errors
/// [`DbError`].
pub async fn get(tx: &mut Tx, id: GroupId) -> Result<Option<Group>, DbError> {
    one(tx, BY_ID, id).await
}

/// As [`get`], and nobody else changes the row until the transaction ends. Whoever makes something
/// that depends on a group (a volume in it, a snapshot of it) takes this lock first; so does a delete.
/// The group's row is locked before those of its volumes.
///
/// # Errors
/// [`DbError`].
pub async fn get_for_update(tx: &mut Tx, id: GroupId) -> Result<Option<Group>, DbError> {
    let sql = format!("{BY_ID}{}", tx.engine().for_update());
    one(tx, &sql, id).await
}

async fn one(tx: &mut Tx, sql: &str, id: GroupId) -> Result<Option<Group>, DbError> {
    let Some(row) = tx.row(sql, args![id]).await? else { return Ok(None) };
    let mut group = read(&mut row.reader())?;
    group.volume_types = types_of_many(tx, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(Some(group))
}

/// Whether some group, deleted ones not counted, is of this group type.
///
/// # Errors
/// [`DbError`].
pub async fn any_of_type(tx: &mut Tx, id: ashlar_types::GroupTypeId) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM \"groups\" WHERE group_type_id = ? AND deleted = FALSE LIMIT 1";
    Ok(tx.row(sql, args![id]).await?.is_some())
}
