//! Giving up attachments.

use ashlar_types::{Timestamp, VolumeId};

use crate::metadata::{self, Of};
use crate::{DbError, Tx, args};

/// Every attachment of the volume counts as detached and its row is deleted softly, as Cinder does when an
/// administrator resets a volume to `detached`. No server and no backend is told. The volume's own row is
/// left alone. Answers how many there were.
///
/// # Errors
/// [`DbError`].
pub async fn detach_all(tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<u64, DbError> {
    let detached = tx
        .execute(
            "UPDATE volume_attachment SET attach_status = 'detached', detach_time = ?, \
             deleted = TRUE, deleted_at = ?, updated_at = ? WHERE volume_id = ? AND \
             deleted = FALSE",
            args![now, now, now, id],
        )
        .await?;
    metadata::remove(tx, Of::VolumeAdmin(id), "attached_mode", now).await?;
    Ok(detached)
}
