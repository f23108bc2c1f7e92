//! The two ends of an upload of a volume to an image.

use ashlar_types::{Timestamp, VolumeId, VolumeStatus};

use super::attach::USED;
use super::begin::moved;
use crate::moved::Moved;
use crate::{Arg, DbError, Tx, args, sql};

/// Moves the volume from one of `from` to `uploading` and remembers where it came from in `previous_status`.
///
/// # Errors
/// [`DbError`].
pub async fn begin_upload(
    tx: &mut Tx,
    id: VolumeId,
    from: &[VolumeStatus],
    now: Timestamp,
) -> Result<Moved, DbError> {
    // MySQL assigns from left to right: the old status is read first.
    let sql = format!(
        "UPDATE volumes SET previous_status = status, status = 'uploading', updated_at = ? \
         WHERE id = ? AND deleted = FALSE AND status IN ({})",
        sql::places(from.len())
    );
    let mut values = args![now, id].to_vec();
    values.extend(from.iter().copied().map(Arg::from));
    moved(tx, id, &sql, &values).await
}

/// A volume that is still `uploading` goes to `in-use` or `available`, by its attachments: it may have been detached
/// meanwhile. Answers whether it was still `uploading`.
///
/// # Errors
/// [`DbError`].
pub async fn end_upload(tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<bool, DbError> {
    let sql = format!(
        "UPDATE volumes SET previous_status = NULL, updated_at = ?, status = CASE WHEN {USED} THEN \
         'in-use' ELSE 'available' END WHERE id = ? AND deleted = FALSE AND status = 'uploading'"
    );
    Ok(tx.execute(&sql, args![now, id]).await? == 1)
}
