//! The two ends of an extend.

use ashlar_types::{Gib, Timestamp, VolumeId};

use super::attach::USED;
use crate::{DbError, Tx, args};

/// The new size becomes true, and a volume that is still `extending` goes to `in-use` or `available`,
/// by its attachments. Answers whether it was still `extending`.
///
/// # Errors
/// [`DbError`].
pub async fn publish_extend(
    tx: &mut Tx,
    id: VolumeId,
    size: Gib,
    now: Timestamp,
) -> Result<bool, DbError> {
    tx.execute(
        "UPDATE volumes SET size = ?, updated_at = ? WHERE id = ? AND deleted = FALSE",
        args![size, now, id],
    )
    .await?;
    let sql = format!(
        "UPDATE volumes SET previous_status = NULL, status = CASE WHEN {USED} THEN 'in-use' ELSE \
         'available' END WHERE id = ? AND deleted = FALSE AND status = 'extending'"
    );
    Ok(tx.execute(&sql, args![id]).await? == 1)
}

/// A volume that is still `extending` goes back to its previous status when `restore`, else to
/// `error_extending`. Answers whether it was still `extending`.
///
/// # Errors
/// [`DbError`].
pub async fn end_extend(
    tx: &mut Tx,
    id: VolumeId,
    restore: bool,
    now: Timestamp,
) -> Result<bool, DbError> {
    let to = if restore { "COALESCE(previous_status, 'available')" } else { "'error_extending'" };
    let sql = format!(
        "UPDATE volumes SET status = {to}, updated_at = ? WHERE id = ? AND deleted = FALSE AND \
         status = 'extending'"
    );
    Ok(tx.execute(&sql, args![now, id]).await? == 1)
}
