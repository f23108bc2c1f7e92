//! Volumes that are being made from another volume or a snapshot right now.

use ashlar_types::{FlowId, SnapshotId, VolumeId};

use crate::{Arg, DbError, Tx};

/// Unfinished creates are few, so they are looked through, not the volumes.
const UNDER_WAY: &str = "SELECT v.id FROM ashlar_flows f JOIN volumes v ON v.id = f.resource_id \
     WHERE f.finished = FALSE AND f.name = 'create-volume' AND v.deleted = FALSE";

/// The same for volumes that are made together as a group.
const IN_GROUPS: &str = "SELECT v.id FROM ashlar_flows f JOIN volumes v ON v.group_id = f.resource_id \
     WHERE f.finished = FALSE AND f.name = 'create-group-from-source' AND v.deleted = FALSE";

/// A volume that is being cloned from `source`, if there is one.
///
/// # Errors
/// [`DbError`].
pub async fn being_cloned_from(tx: &mut Tx, source: VolumeId) -> Result<Option<VolumeId>, DbError> {
    first(tx, "v.source_volid = ?", source.into()).await
}

/// A volume that is being made from the snapshot `source`, if there is one.
///
/// # Errors
/// [`DbError`].
pub async fn being_made_from(tx: &mut Tx, source: SnapshotId) -> Result<Option<VolumeId>, DbError> {
    first(tx, "v.snapshot_id = ?", source.into()).await
}

/// The unfinished operation that makes the volume together with its whole group, if there is one: it is about the
/// group, not about the volume.
///
/// # Errors
/// [`DbError`].
pub async fn being_made_with_group(tx: &mut Tx, id: VolumeId) -> Result<Option<FlowId>, DbError> {
    let sql = "SELECT f.id FROM volumes v JOIN ashlar_flows f ON f.resource_id = v.group_id WHERE \
               v.id = ? AND f.finished = FALSE AND f.name = 'create-group-from-source' LIMIT 1";
    tx.row(sql, &[Arg::from(id)]).await?.map(|row| row.get(0)).transpose()
}

/// `condition` has one place.
async fn first(tx: &mut Tx, condition: &str, source: Arg<'_>) -> Result<Option<VolumeId>, DbError> {
    for under_way in [UNDER_WAY, IN_GROUPS] {
        let sql = format!("{under_way} AND {condition} LIMIT 1");
        if let Some(row) = tx.row(&sql, std::slice::from_ref(&source)).await? {
            return row.get(0).map(Some);
        }
    }
    Ok(None)
}
