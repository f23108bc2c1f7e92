//! Deleting all volumes of a group together with it.

use ashlar_types::{GroupId, Timestamp};

use super::begin::{ANY_SNAPSHOT, ATTACHED};
use crate::{DbError, Tx, args};

/// Why a group's volumes may not be deleted with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupDeleteRefusal {
    /// A server has one of them.
    Attached,
    /// One of them has snapshots.
    HasSnapshots,
}

/// Moves all volumes of the group to `deleting`, whatever their status, if none is attached and none has
/// snapshots. The caller has locked the group's row and theirs ([`crate::groups::lock_volumes_of`]), so that
/// nobody adds a volume or a snapshot meanwhile.
///
/// # Errors
/// [`DbError`].
pub async fn begin_delete_with_group(
    tx: &mut Tx,
    group: GroupId,
    now: Timestamp,
) -> Result<Result<(), GroupDeleteRefusal>, DbError> {
    let attached = format!("(v.attach_status = 'attached' OR {ATTACHED})");
    for (condition, refusal) in [
        (attached.as_str(), GroupDeleteRefusal::Attached),
        (ANY_SNAPSHOT, GroupDeleteRefusal::HasSnapshots),
    ] {
        let sql = format!(
            "SELECT 1 FROM volumes v WHERE v.group_id = ? AND v.deleted = FALSE AND {condition} LIMIT 1"
        );
        if tx.row(&sql, args![group]).await?.is_some() {
            return Ok(Err(refusal));
        }
    }
    let sql = "UPDATE volumes SET status = 'deleting', terminated_at = ?, updated_at = ? WHERE \
               group_id = ? AND deleted = FALSE";
    tx.execute(sql, args![now, now, group]).await?;
    Ok(Ok(()))
}
