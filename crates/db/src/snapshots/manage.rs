//! Snapshots that are taken over from what lies on a backend, or let go.

use std::collections::HashMap;

use ashlar_types::{Gib, SnapshotId, SnapshotStatus, Timestamp, VolumeId};

use super::DeleteRefusal;
use super::begin::begin_removal;
use crate::moved::Begun;
use crate::{Arg, DbError, Tx, args, sql};

/// Moves the snapshot from where it could be deleted to `unmanaging`, under the conditions of a delete.
///
/// # Errors
/// [`DbError`].
pub async fn begin_unmanage(
    tx: &mut Tx,
    id: SnapshotId,
    now: Timestamp,
) -> Result<Begun<DeleteRefusal>, DbError> {
    begin_removal(tx, id, (SnapshotStatus::DELETABLE, SnapshotStatus::Unmanaging), now).await
}

/// Writes the size of a snapshot that is being taken over; answers whether the row is there.
///
/// # Errors
/// [`DbError`].
pub async fn set_size(
    tx: &mut Tx,
    id: SnapshotId,
    size: Gib,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE snapshots SET volume_size = ?, updated_at = ? WHERE id = ? AND deleted = FALSE",
            args![size, now, id],
        )
        .await?;
    Ok(changed > 0)
}

/// What the tables know of an identity of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The volume that it is of, or was.
    pub volume: VolumeId,
    /// It has not been deleted or let go.
    pub lives: bool,
}

/// What is known of each of these, also of those that are deleted and not yet forgotten. The others are left out.
///
/// # Errors
/// [`DbError`].
pub async fn known(tx: &mut Tx, ids: &[SnapshotId]) -> Result<HashMap<SnapshotId, Known>, DbError> {
    let mut found = HashMap::new();
    for part in ids.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!(
            "SELECT id, volume_id, deleted FROM snapshots WHERE id IN ({})",
            sql::places(part.len())
        );
        let values: Vec<Arg<'_>> = part.into_iter().map(Arg::from).collect();
        for row in tx.rows(&sql, &values).await? {
            let mut row = row.reader();
            let id = row.next()?;
            let volume = row.next()?;
            let deleted: Option<bool> = row.next()?;
            found.insert(id, Known { volume, lives: deleted != Some(true) });
        }
    }
    Ok(found)
}
