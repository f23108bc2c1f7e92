//! Lists and counts of groups.

mod columns;

use ashlar_types::{Group, GroupId, GroupTypeId, VolumeId};

pub use columns::GroupColumn;

use crate::groups::{columns as group_columns, read, types_of_many};
use crate::listing::{self, Built, Filter, Page};
use crate::{Arg, DbError, Tx, sql};

/// Which groups a list is to have.
pub type GroupFilter = Filter<GroupColumn>;
/// Which part of the list, and in which order.
pub type GroupPage = Page<GroupColumn>;

const SELECT: &str = concat!("SELECT ", group_columns!(), " FROM \"groups\" t");

/// One page of groups with their volume types; `None` when the marker is not there.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut Tx,
    filter: &GroupFilter,
    page: &GroupPage,
) -> Result<Option<Vec<Group>>, DbError> {
    list_but(tx, filter, None, page).await
}

async fn read_all(tx: &mut Tx, built: &Built) -> Result<Vec<Group>, DbError> {
    let rows = tx.rows(&built.sql, &built.values).await?;
    let mut groups = Vec::with_capacity(rows.len());
    for row in rows {
        groups.push(read(&mut row.reader())?);
    }
    let ids: Vec<GroupId> = groups.iter().map(|group| group.id).collect();
    let mut types = types_of_many(tx, &ids).await?;
    for group in &mut groups {
        group.volume_types = types.remove(&group.id).unwrap_or_default();
    }
    Ok(groups)
}

/// As [`list`], without the groups of type `but`.
///
/// # Errors
/// [`DbError`].
pub async fn list_but(
    tx: &mut Tx,
    filter: &GroupFilter,
    but: Option<GroupTypeId>,
    page: &GroupPage,
) -> Result<Option<Vec<Group>>, DbError> {
    let mut more = Built::default();
    if let Some(but) = but {
        more.sql.push_str(" AND (t.group_type_id IS NULL OR t.group_type_id <> ?)");
        more.values.push(Arg::from(but));
    }
    let built = listing::page_with(tx, SELECT, filter, more, page).await?;
    match built {
        Some(built) => read_all(tx, &built).await.map(Some),
        None => Ok(None),
    }
}

/// How many groups the filter finds.
///
/// # Errors
/// [`DbError`].
pub async fn count(tx: &mut Tx, filter: &GroupFilter) -> Result<u64, DbError> {
    listing::count(tx, filter).await
}

/// The volumes of many groups, as pairs of group and volume, oldest volume first.
///
/// # Errors
/// [`DbError`].
pub async fn members_of_many(
    tx: &mut Tx,
    ids: &[GroupId],
) -> Result<Vec<(GroupId, VolumeId)>, DbError> {
    let mut found = Vec::new();
    for part in ids.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!(
            "SELECT group_id, id FROM volumes WHERE group_id IN ({}) AND deleted = FALSE \
             ORDER BY created_at, id",
            sql::places(part.len())
        );
        let values: Vec<_> = part.into_iter().map(Arg::from).collect();
        for mut row in tx.rows(&sql, &values).await? {
            found.push((row.take(0)?, row.take(1)?));
        }
    }
    Ok(found)
}
