//! Operations that keep in `previous_status` where the volume came from: getting another content, and another type.

use ashlar_types::{Timestamp, VolumeId, VolumeStatus, VolumeTypeId};

use super::attach::USED;
use super::begin::moved;
use crate::moved::Moved;
use crate::{Arg, DbError, Tx, args, sql};

/// Moves the volume from one of `from` to `to` and remembers where it came from in `previous_status`.
///
/// # Errors
/// [`DbError`].
pub async fn begin_keeping(
    tx: &mut Tx,
    id: VolumeId,
    from: &[VolumeStatus],
    to: VolumeStatus,
    now: Timestamp,
) -> Result<Moved, DbError> {
    // MySQL assigns from left to right: the old status is read first.
    let sql = format!(
        "UPDATE volumes SET previous_status = status, status = ?, updated_at = ? WHERE id = ? AND \
         deleted = FALSE AND status IN ({})",
        sql::places(from.len())
    );
    let mut values = args![to, now, id].to_vec();
    values.extend(from.iter().copied().map(Arg::from));
    moved(tx, id, &sql, &values).await
}

/// How a reimage ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reimaged {
    /// The volume has the image's content: it can be used, and servers can boot from it.
    Done,
    /// Nothing was begun: it is as before.
    Untouched,
    /// It failed.
    Failed,
}

/// A volume that is still `downloading` goes where the end of the reimage leads: a good one to `reserved` when it was
/// that before, else to `available`. Answers whether it was still `downloading`.
///
/// # Errors
/// [`DbError`].
pub async fn end_reimage(
    tx: &mut Tx,
    id: VolumeId,
    end: Reimaged,
    now: Timestamp,
) -> Result<bool, DbError> {
    if end == Reimaged::Done {
        // Whatever its status was set to meanwhile.
        let sql =
            "UPDATE volumes SET bootable = TRUE, updated_at = ? WHERE id = ? AND deleted = FALSE";
        tx.execute(sql, args![now, id]).await?;
    }
    let to = match end {
        Reimaged::Done => {
            "CASE WHEN previous_status = 'reserved' THEN 'reserved' ELSE 'available' END"
        }
        Reimaged::Untouched => "COALESCE(previous_status, 'available')",
        Reimaged::Failed => "'error'",
    };
    let sql = format!(
        "UPDATE volumes SET status = {to}, previous_status = NULL, updated_at = ? WHERE id = ? AND \
         deleted = FALSE AND status = 'downloading'"
    );
    Ok(tx.execute(&sql, args![now, id]).await? == 1)
}

/// A volume that is still `retyping` goes to `in-use` or `available`, by its attachments: it may have been detached
/// meanwhile. Answers whether it was still `retyping`.
///
/// # Errors
/// [`DbError`].
pub async fn end_retype(tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<bool, DbError> {
    let sql = format!(
        "UPDATE volumes SET previous_status = NULL, updated_at = ?, status = CASE WHEN {USED} THEN \
         'in-use' ELSE 'available' END WHERE id = ? AND deleted = FALSE AND status = 'retyping'"
    );
    Ok(tx.execute(&sql, args![now, id]).await? == 1)
}

/// The volume and all its snapshots are of this type from now on. Answers whether the volume is there.
///
/// # Errors
/// [`DbError`].
pub async fn set_type(
    tx: &mut Tx,
    id: VolumeId,
    volume_type: VolumeTypeId,
    multiattach: bool,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE volumes SET volume_type_id = ?, multiattach = ?, updated_at = ? WHERE id = ? \
             AND deleted = FALSE",
            args![volume_type, multiattach, now, id],
        )
        .await?;
    tx.execute(
        "UPDATE snapshots SET volume_type_id = ?, updated_at = ? WHERE volume_id = ? AND \
         deleted = FALSE",
        args![volume_type, now, id],
    )
    .await?;
    Ok(changed > 0)
}
