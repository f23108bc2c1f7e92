//! Compare and swap on a snapshot's status.

use ashlar_types::{SnapshotId, SnapshotStatus, Timestamp};

use super::get;
use crate::moved::{Begun, Moved};
use crate::{Arg, DbError, Tx, args, sql};

/// Moves the snapshot from one of `from` to `to`, in one conditional UPDATE.
///
/// # Errors
/// [`DbError`].
pub async fn transition(
    tx: &mut Tx,
    id: SnapshotId,
    from: &[SnapshotStatus],
    to: SnapshotStatus,
    now: Timestamp,
) -> Result<Moved<SnapshotStatus>, DbError> {
    let sql = format!(
        "UPDATE snapshots SET status = ?, updated_at = ? WHERE id = ? AND deleted = FALSE AND \
         status IN ({})",
        sql::places(from.len())
    );
    let mut values = args![to, now, id].to_vec();
    values.extend(from.iter().copied().map(Arg::from));
    if tx.execute(&sql, &values).await? > 0 {
        return Ok(Moved::Done);
    }
    Ok(match get(tx, id).await? {
        Some(snapshot) => Moved::Refused { now: snapshot.status },
        None => Moved::Gone,
    })
}

/// Why a delete may not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteRefusal {
    /// It is in a status from which none may start.
    Status(SnapshotStatus),
    /// It belongs to a snapshot of a group.
    InGroup,
    /// The conditions hold now: another changed the row in between. Asking again may succeed.
    Changed,
}

/// Moves the snapshot from one of `from` (from any status when empty) to `deleting`, if it is in no
/// group snapshot.
///
/// # Errors
/// [`DbError`].
pub async fn begin_delete(
    tx: &mut Tx,
    id: SnapshotId,
    from: &[SnapshotStatus],
    now: Timestamp,
) -> Result<Begun<DeleteRefusal>, DbError> {
    begin_removal(tx, id, (from, SnapshotStatus::Deleting), now).await
}

/// As [`begin_delete`], to the status `to`.
pub(super) async fn begin_removal(
    tx: &mut Tx,
    id: SnapshotId,
    (from, to): (&[SnapshotStatus], SnapshotStatus),
    now: Timestamp,
) -> Result<Begun<DeleteRefusal>, DbError> {
    let mut sql = String::from(
        "UPDATE snapshots SET status = ?, updated_at = ? WHERE id = ? AND \
         deleted = FALSE AND cgsnapshot_id IS NULL AND group_snapshot_id IS NULL",
    );
    let mut values = args![to, now, id].to_vec();
    if !from.is_empty() {
        sql.push_str(&format!(" AND status IN ({})", sql::places(from.len())));
        values.extend(from.iter().copied().map(Arg::from));
    }
    if tx.execute(&sql, &values).await? > 0 {
        return Ok(Begun::Done);
    }
    let Some(snapshot) = get(tx, id).await? else { return Ok(Begun::Gone) };
    let grouped = snapshot.group_snapshot_id.is_some() || snapshot.cgsnapshot_id.is_some();
    Ok(Begun::Refused(if !from.is_empty() && !from.contains(&snapshot.status) {
        DeleteRefusal::Status(snapshot.status)
    } else if grouped {
        DeleteRefusal::InGroup
    } else {
        DeleteRefusal::Changed
    }))
}
