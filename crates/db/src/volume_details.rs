//! Volumes with all that the API shows of them: lists, counts, sums.
//!
//! A page costs one query for the rows and one for each child table, however long it is.

mod columns;

use std::collections::{BTreeMap, BTreeSet};

use ashlar_types::group_type::DEFAULT_CGSNAPSHOT_TYPE;
use ashlar_types::{Attachment, GroupId, Metadata, Volume, VolumeId};

pub use columns::VolumeColumn;

use crate::listing::{self, Filter, Page};
use crate::volumes::{columns as volume_columns, read};
use crate::{Arg, DbError, Tx, args, attachments, metadata, sql};

/// Which volumes a list is to have.
pub type VolumeFilter = Filter<VolumeColumn>;
/// Which part of the list, and in which order.
pub type VolumePage = Page<VolumeColumn>;

/// A volume and what hangs on it.
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeDetail {
    /// The row.
    pub volume: Volume,
    /// Name of its type.
    pub type_name: Option<String>,
    /// What users put on it.
    pub metadata: Metadata,
    /// What the house put on it.
    pub admin_metadata: Metadata,
    /// The image that it was made from.
    pub image_metadata: Metadata,
    /// Attachments, oldest first.
    pub attachments: Vec<Attachment>,
}

const SELECT: &str = concat!(
    "SELECT ",
    volume_columns!(),
    ", y.name FROM volumes t LEFT JOIN volume_types y ON y.id = t.volume_type_id"
);

/// The volume, unless it is deleted. Targets of migrations are found too.
///
/// # Errors
/// [`DbError`].
pub async fn get(tx: &mut Tx, id: VolumeId) -> Result<Option<VolumeDetail>, DbError> {
    let sql = format!("{SELECT} WHERE t.id = ? AND t.deleted = FALSE");
    let rows = tx.rows(&sql, args![id]).await?;
    Ok(complete(tx, rows).await?.pop())
}

/// One page of details; `None` when the marker is not there.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut Tx,
    filter: &VolumeFilter,
    page: &VolumePage,
) -> Result<Option<Vec<VolumeDetail>>, DbError> {
    let Some(built) = listing::page(tx, SELECT, filter, page).await? else { return Ok(None) };
    let rows = tx.rows(&built.sql, &built.values).await?;
    complete(tx, rows).await.map(Some)
}

/// One page of ids and names; `None` when the marker is not there.
///
/// # Errors
/// [`DbError`].
pub async fn list_summary(
    tx: &mut Tx,
    filter: &VolumeFilter,
    page: &VolumePage,
) -> Result<Option<Vec<(VolumeId, Option<String>)>>, DbError> {
    let select = "SELECT t.id, t.display_name FROM volumes t";
    let Some(built) = listing::page(tx, select, filter, page).await? else { return Ok(None) };
    let rows = tx.rows(&built.sql, &built.values).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take(1)?)))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// How many volumes the filter finds.
///
/// # Errors
/// [`DbError`].
pub async fn count(tx: &mut Tx, filter: &VolumeFilter) -> Result<u64, DbError> {
    listing::count(tx, filter).await
}

/// Count, sizes together, and the metadata in use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Number of volumes.
    pub count: u64,
    /// Sum of their sizes in GiB.
    pub total_size: u64,
    /// Every key in use with the values that it has somewhere. Other than count and size it looks at
    /// the whole project (or all), not at the other filters: so does Cinder.
    pub metadata: BTreeMap<String, BTreeSet<String>>,
}

/// Sums up the volumes that the filter finds.
///
/// # Errors
/// [`DbError`].
pub async fn summary(tx: &mut Tx, filter: &VolumeFilter) -> Result<Summary, DbError> {
    let size = tx.engine().as_int("COALESCE(SUM(t.size), 0)");
    let mut built = listing::Built {
        sql: format!("SELECT COUNT(*), {size} FROM volumes t"),
        values: Vec::new(),
    };
    built.filter(tx.engine(), filter);
    let mut summary = Summary::default();
    if let Some(mut row) = tx.row(&built.sql, &built.values).await? {
        summary.count = row.take(0)?;
        summary.total_size = row.take(1)?;
    }
    let mut built = listing::Built {
        sql: "SELECT DISTINCT k.\"key\", k.value FROM volumes t JOIN volume_metadata k ON \
              k.volume_id = t.id AND k.deleted = FALSE"
            .to_owned(),
        values: Vec::new(),
    };
    let whole = VolumeFilter { project_id: filter.project_id.clone(), ..VolumeFilter::default() };
    built.filter(tx.engine(), &whole);
    for mut row in tx.rows(&built.sql, &built.values).await? {
        let key: Option<String> = row.take(0)?;
        let value: Option<String> = row.take(1)?;
        let values = summary.metadata.entry(key.unwrap_or_default()).or_default();
        values.insert(value.unwrap_or_default());
    }
    Ok(summary)
}

/// Reads the rows of a page and adds the children, each kind with one query.
async fn complete(tx: &mut Tx, rows: Vec<crate::Row>) -> Result<Vec<VolumeDetail>, DbError> {
    let mut details = Vec::with_capacity(rows.len());
    for row in rows {
        let mut row = row.reader();
        details.push(VolumeDetail {
            volume: read(&mut row)?,
            type_name: row.next()?,
            metadata: Metadata::new(),
            admin_metadata: Metadata::new(),
            image_metadata: Metadata::new(),
            attachments: Vec::new(),
        });
    }
    let ids: Vec<String> = details.iter().map(|detail| detail.volume.id.to_string()).collect();
    let mut user = metadata::of_many(tx, "volume_metadata", "volume_id", &ids).await?;
    let mut admin = metadata::of_many(tx, "volume_admin_metadata", "volume_id", &ids).await?;
    let mut image = metadata::of_many(tx, "volume_glance_metadata", "volume_id", &ids).await?;
    let mut attached = attachments::of_volumes(tx, &ids).await?;
    for (detail, id) in details.iter_mut().zip(&ids) {
        detail.metadata = user.remove(id).unwrap_or_default();
        detail.admin_metadata = admin.remove(id).unwrap_or_default();
        detail.image_metadata = image.remove(id).unwrap_or_default();
        detail.attachments = attached.remove(&detail.volume.id).unwrap_or_default();
    }
    show_consistency_groups(tx, &mut details).await?;
    Ok(details)
}

/// A volume in a group of the type that stands for consistency groups is shown as one of those too, as in Cinder.
async fn show_consistency_groups(tx: &mut Tx, details: &mut [VolumeDetail]) -> Result<(), DbError> {
    let groups: BTreeSet<GroupId> =
        details.iter().filter_map(|detail| detail.volume.group_id).collect();
    let groups: Vec<GroupId> = groups.into_iter().collect();
    let mut old = BTreeSet::new();
    for part in groups.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!(
            "SELECT g.id FROM \"groups\" g JOIN group_types y ON y.id = g.group_type_id WHERE \
             g.id IN ({}) AND y.name = ? AND y.deleted = FALSE",
            sql::places(part.len())
        );
        let mut values: Vec<Arg<'_>> = part.into_iter().map(Arg::from).collect();
        values.push(Arg::from(DEFAULT_CGSNAPSHOT_TYPE));
        for row in tx.rows(&sql, &values).await? {
            old.insert(row.get::<GroupId>(0)?);
        }
    }
    for detail in details {
        if let Some(group) = detail.volume.group_id.filter(|group| old.contains(group)) {
            detail.volume.consistencygroup_id = Some(group.to_string());
        }
    }
    Ok(())
}
