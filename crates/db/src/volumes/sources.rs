//! Volumes that are being made from another volume or a snapshot right now.
//!
//! Unfinished creates are few, so they are looked through, not the volumes; and in two steps. A join would look through
//! all volumes on MariaDB: `ashlar_flows` has another character set than Cinder's tables there, so the column of the
//! latter would be converted, which makes its index useless. A bound value is converted itself.

use ashlar_types::{FlowId, SnapshotId, VolumeId};

use crate::{Arg, DbError, Tx, flows, sql};

/// Operations that make volumes, and the column with what they are about.
const MAKING: [(&str, &str); 2] =
    [("create-volume", "id"), ("create-group-from-source", "group_id")];

/// A volume that is being cloned from `source`, if there is one.
///
/// # Errors
/// [`DbError`].
pub async fn being_cloned_from(tx: &mut Tx, source: VolumeId) -> Result<Option<VolumeId>, DbError> {
    first(tx, "source_volid", source.into()).await
}

/// A volume that is being made from the snapshot `source`, if there is one.
///
/// # Errors
/// [`DbError`].
pub async fn being_made_from(tx: &mut Tx, source: SnapshotId) -> Result<Option<VolumeId>, DbError> {
    first(tx, "snapshot_id", source.into()).await
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

/// `column` is where a volume names its source.
async fn first(tx: &mut Tx, column: &str, source: Arg<'_>) -> Result<Option<VolumeId>, DbError> {
    for (name, about) in MAKING {
        for part in flows::subjects(tx, name).await?.chunks(sql::IN_LIST) {
            let part = sql::pad(part);
            let sql = format!(
                "SELECT id FROM volumes WHERE {about} IN ({}) AND deleted = FALSE AND {column} = ? LIMIT 1",
                sql::places(part.len())
            );
            let mut values: Vec<Arg<'_>> = part.iter().map(Arg::from).collect();
            values.push(source.clone());
            if let Some(row) = tx.row(&sql, &values).await? {
                return row.get(0).map(Some);
            }
        }
    }
    Ok(None)
}
