//! Volumes that are being made from another volume or a snapshot right now.

use ashlar_types::{SnapshotId, VolumeId};

use crate::{DbError, Tx, args};

/// Unfinished creates are few, so they are looked through, not the volumes.
const UNDER_WAY: &str = "SELECT v.id FROM ashlar_flows f JOIN volumes v ON v.id = f.resource_id \
     WHERE f.finished = FALSE AND f.name = 'create-volume' AND v.deleted = FALSE";

/// A volume that is being cloned from `source`, if there is one.
///
/// # Errors
/// [`DbError`].
pub async fn being_cloned_from(tx: &mut Tx, source: VolumeId) -> Result<Option<VolumeId>, DbError> {
    let sql = format!("{UNDER_WAY} AND v.source_volid = ? LIMIT 1");
    tx.row(&sql, args![source]).await?.map(|row| row.get(0)).transpose()
}

/// A volume that is being made from the snapshot `source`, if there is one.
///
/// # Errors
/// [`DbError`].
pub async fn being_made_from(tx: &mut Tx, source: SnapshotId) -> Result<Option<VolumeId>, DbError> {
    let sql = format!("{UNDER_WAY} AND v.snapshot_id = ? LIMIT 1");
    tx.row(&sql, args![source]).await?.map(|row| row.get(0)).transpose()
}
