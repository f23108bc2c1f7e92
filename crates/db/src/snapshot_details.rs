//! Snapshots with all that the API shows of them: lists and counts.

mod columns;

use ashlar_types::{Metadata, Snapshot, SnapshotId};

pub use columns::SnapshotColumn;

use crate::listing::{self, Filter, Page};
use crate::snapshots::{columns as snapshot_columns, read};
use crate::{DbError, Tx, args, metadata};

/// Which snapshots a list is to have. Host, cluster and zone are those of the volume.
pub type SnapshotFilter = Filter<SnapshotColumn>;
/// Which part of the list, and in which order.
pub type SnapshotPage = Page<SnapshotColumn>;

/// A snapshot and what hangs on it.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotDetail {
    /// The row.
    pub snapshot: Snapshot,
    /// What users put on it.
    pub metadata: Metadata,
}

const SELECT: &str = concat!("SELECT ", snapshot_columns!(), " FROM snapshots t");

/// The snapshot, unless it is deleted.
///
/// # Errors
/// [`DbError`].
pub async fn get(tx: &mut Tx, id: SnapshotId) -> Result<Option<SnapshotDetail>, DbError> {
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
    filter: &SnapshotFilter,
    page: &SnapshotPage,
) -> Result<Option<Vec<SnapshotDetail>>, DbError> {
    let Some(built) = listing::page(tx, SELECT, filter, page).await? else { return Ok(None) };
    let rows = tx.rows(&built.sql, &built.values).await?;
    complete(tx, rows).await.map(Some)
}

/// How many snapshots the filter finds.
///
/// # Errors
/// [`DbError`].
pub async fn count(tx: &mut Tx, filter: &SnapshotFilter) -> Result<u64, DbError> {
    listing::count(tx, filter).await
}

/// Reads the rows of a page and adds the metadata with one query.
async fn complete(tx: &mut Tx, rows: Vec<crate::Row>) -> Result<Vec<SnapshotDetail>, DbError> {
    let mut details = Vec::with_capacity(rows.len());
    for row in rows {
        let snapshot = read(&mut row.reader())?;
        details.push(SnapshotDetail { snapshot, metadata: Metadata::new() });
    }
    let ids: Vec<String> = details.iter().map(|detail| detail.snapshot.id.to_string()).collect();
    let mut user = metadata::of_many(tx, "snapshot_metadata", "snapshot_id", &ids).await?;
    for (detail, id) in details.iter_mut().zip(&ids) {
        detail.metadata = user.remove(id).unwrap_or_default();
    }
    Ok(details)
}
