//! What a backend told of a volume whose status has been changed meanwhile.

use ashlar_types::VolumeId;

use super::Published;
use crate::{DbError, Tx, args};

/// Writes what the backend told and leaves the status alone.
///
/// # Errors
/// [`DbError`].
pub async fn record_made(
    tx: &mut Tx,
    id: VolumeId,
    published: &Published<'_>,
) -> Result<(), DbError> {
    let p = published;
    tx.execute(
        "UPDATE volumes SET provider_location = ?, provider_id = ?, bootable = COALESCE(?, bootable), \
         shared_targets = ?, service_uuid = COALESCE(?, service_uuid), launched_at = ? WHERE id = ? AND deleted = FALSE",
        args![
            p.provider_location,
            p.provider_id,
            p.bootable,
            p.shared_targets,
            p.service_uuid,
            p.launched_at,
            id
        ],
    )
    .await
    .map(drop)
}
