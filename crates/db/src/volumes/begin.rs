//! Compare and swap on a volume's status, with the side conditions that some operations have.

use ashlar_types::{AttachStatus, Timestamp, Volume, VolumeId, VolumeStatus};

use super::{get, get_for_update};
use crate::moved::{Begun, Moved};
use crate::{Arg, DbError, Engine, Tx, args, sql};

/// Moves the volume from one of `from` to `to`, in one conditional UPDATE.
///
/// # Errors
/// [`DbError`].
pub async fn transition(
    tx: &mut Tx,
    id: VolumeId,
    from: &[VolumeStatus],
    to: VolumeStatus,
    now: Timestamp,
) -> Result<Moved, DbError> {
    let sql = format!(
        "UPDATE volumes SET status = ?, updated_at = ? WHERE id = ? AND deleted = FALSE AND status \
         IN ({})",
        sql::places(from.len())
    );
    let mut values = args![to, now, id].to_vec();
    values.extend(from.iter().copied().map(Arg::from));
    moved(tx, id, &sql, &values).await
}

/// Moves the volume from one of `from` to `extending` and remembers where it came from in
/// `previous_status`.
///
/// # Errors
/// [`DbError`].
pub async fn begin_extend(
    tx: &mut Tx,
    id: VolumeId,
    from: &[VolumeStatus],
    now: Timestamp,
) -> Result<Moved, DbError> {
    // MySQL assigns from left to right: the old status is read first.
    let sql = format!(
        "UPDATE volumes SET previous_status = status, status = 'extending', updated_at = ? \
         WHERE id = ? AND deleted = FALSE AND status IN ({})",
        sql::places(from.len())
    );
    let mut values = args![now, id].to_vec();
    values.extend(from.iter().copied().map(Arg::from));
    moved(tx, id, &sql, &values).await
}

/// Runs `sql`, which changes the row of `id` or nothing, and says what it came to.
pub(super) async fn moved(
    tx: &mut Tx,
    id: VolumeId,
    sql: &str,
    values: &[Arg<'_>],
) -> Result<Moved, DbError> {
    if tx.execute(sql, values).await? > 0 {
        return Ok(Moved::Done);
    }
    let row =
        tx.row("SELECT status FROM volumes WHERE id = ? AND deleted = FALSE", args![id]).await?;
    match row {
        Some(mut row) => Ok(Moved::Refused { now: row.take(0)? }),
        None => Ok(Moved::Gone),
    }
}

/// Why a delete may not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteRefusal {
    /// It is in a status from which none may start.
    Status(VolumeStatus),
    /// A migration is under way.
    Migrating,
    /// A server has it.
    Attached,
    /// It belongs to a group.
    InGroup,
    /// It has snapshots, and the delete does not cascade.
    HasSnapshots,
    /// The delete cascades, and some snapshot may not be deleted now, or belongs to a group snapshot.
    SnapshotsBusy,
    /// The conditions hold now: another changed the row in between. Asking again may succeed.
    Changed,
}

/// No migration, or one that is over.
pub(super) const NOT_MIGRATING: &str =
    "(v.migration_status IS NULL OR v.migration_status IN ('deleting', 'error', 'success'))";

/// A snapshot that stands in the way of a cascade. The other side of "available or error, and in
/// no group snapshot"; one that is being deleted already is refused too, as Cinder does.
const BUSY_SNAPSHOT: &str = "EXISTS (SELECT 1 FROM snapshots s WHERE s.volume_id = v.id AND \
     s.deleted = FALSE AND (s.cgsnapshot_id IS NOT NULL OR s.group_snapshot_id IS NOT NULL OR \
     s.status NOT IN ('available', 'error')))";

/// A server has it by some attachment; the volume's own word may be `attaching` meanwhile.
pub(super) const ATTACHED: &str = "EXISTS (SELECT 1 FROM volume_attachment a WHERE a.volume_id = v.id AND \
     a.deleted = FALSE AND a.attach_status = 'attached')";

pub(super) const ANY_SNAPSHOT: &str =
    "EXISTS (SELECT 1 FROM snapshots s WHERE s.volume_id = v.id AND s.deleted = FALSE)";

/// Moves the volume from one of `from` (from any status when empty) to `deleting`, if it is not
/// attached, not migrating, in no group and without snapshots. With `cascade` it may have snapshots
/// that can be deleted, and they go to `deleting` in the same transaction. A volume that failed to be
/// taken over (`error_managing`) goes to `error_managing_deleting`.
///
/// # Errors
/// [`DbError`].
pub async fn begin_delete(
    tx: &mut Tx,
    id: VolumeId,
    from: &[VolumeStatus],
    cascade: bool,
    now: Timestamp,
) -> Result<Begun<DeleteRefusal>, DbError> {
    begin_removal(tx, id, (from, VolumeStatus::Deleting), cascade, now).await
}

/// As [`begin_delete`], to the status `to`.
pub(super) async fn begin_removal(
    tx: &mut Tx,
    id: VolumeId,
    (from, to): (&[VolumeStatus], VolumeStatus),
    cascade: bool,
    now: Timestamp,
) -> Result<Begun<DeleteRefusal>, DbError> {
    // The servers judge the subquery by what was committed when the UPDATE began. With the row locked
    // first, whoever adds a snapshot has either committed it or waits.
    if tx.engine() != Engine::Sqlite && get_for_update(tx, id).await?.is_none() {
        return Ok(Begun::Gone);
    }
    let condition = if cascade { BUSY_SNAPSHOT } else { ANY_SNAPSHOT };
    let mut sql = format!(
        "UPDATE volumes AS v SET status = CASE WHEN status = 'error_managing' THEN \
         'error_managing_deleting' ELSE ? END, terminated_at = ?, updated_at = ? \
         WHERE v.id = ? AND v.deleted = FALSE AND (v.attach_status IS NULL OR v.attach_status <> 'attached') AND \
         NOT {ATTACHED} AND {NOT_MIGRATING} AND v.group_id IS NULL AND v.consistencygroup_id IS NULL AND \
         NOT {condition}"
    );
    let mut values = args![to, now, now, id].to_vec();
    if !from.is_empty() {
        sql.push_str(&format!(" AND v.status IN ({})", sql::places(from.len())));
        values.extend(from.iter().copied().map(Arg::from));
    }
    if tx.execute(&sql, &values).await? == 0 {
        return refusal(tx, id, from, cascade).await;
    }
    if cascade {
        tx.execute(
            "UPDATE snapshots SET status = 'deleting', updated_at = ? WHERE volume_id = ? AND \
             deleted = FALSE",
            args![now, id],
        )
        .await?;
    }
    Ok(Begun::Done)
}

/// Finds the condition that did not hold, in the order in which a user would want to hear of them.
async fn refusal(
    tx: &mut Tx,
    id: VolumeId,
    from: &[VolumeStatus],
    cascade: bool,
) -> Result<Begun<DeleteRefusal>, DbError> {
    let Some(volume) = get(tx, id).await? else { return Ok(Begun::Gone) };
    if let Some(reason) = refusal_of_row(&volume, from) {
        return Ok(Begun::Refused(reason));
    }
    let attached = format!("SELECT 1 FROM volumes v WHERE v.id = ? AND {ATTACHED}");
    if tx.row(&attached, args![id]).await?.is_some() {
        return Ok(Begun::Refused(DeleteRefusal::Attached));
    }
    let (condition, reason) = if cascade {
        (BUSY_SNAPSHOT, DeleteRefusal::SnapshotsBusy)
    } else {
        (ANY_SNAPSHOT, DeleteRefusal::HasSnapshots)
    };
    let sql = format!("SELECT 1 FROM volumes v WHERE v.id = ? AND {condition}");
    let found = tx.row(&sql, args![id]).await?.is_some();
    Ok(Begun::Refused(if found { reason } else { DeleteRefusal::Changed }))
}

fn refusal_of_row(volume: &Volume, from: &[VolumeStatus]) -> Option<DeleteRefusal> {
    if !from.is_empty() && !from.contains(&volume.status) {
        Some(DeleteRefusal::Status(volume.status))
    } else if volume.attach_status == AttachStatus::Attached {
        Some(DeleteRefusal::Attached)
    } else if volume.is_migrating() {
        Some(DeleteRefusal::Migrating)
    } else if volume.group_id.is_some() || volume.consistencygroup_id.is_some() {
        Some(DeleteRefusal::InGroup)
    } else {
        None
    }
}
