//! A volume and its snapshots change hands.

use ashlar_types::{Snapshot, Timestamp, VolumeId};

use crate::{DbError, Tx, args, snapshots};

/// The volume's snapshots; nobody else changes their rows until the transaction ends. Locked in the
/// order of their identities, after the volume's row.
///
/// # Errors
/// [`DbError`].
pub async fn snapshots_for_update(tx: &mut Tx, id: VolumeId) -> Result<Vec<Snapshot>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        snapshots::columns!(),
        " FROM snapshots t WHERE t.volume_id = ? AND t.deleted = FALSE ORDER BY t.id"
    );
    let sql = format!("{SQL}{}", tx.engine().for_update());
    let rows = tx.rows(&sql, args![id]).await?;
    rows.into_iter().map(|row| snapshots::read(&mut row.reader())).collect()
}

/// Makes the volume `project`'s and `user`'s and `available`, if it awaits a transfer; answers whether it
/// did.
///
/// # Errors
/// [`DbError`].
pub async fn give_volume(
    tx: &mut Tx,
    id: VolumeId,
    (project, user): (&str, &str),
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE volumes SET status = 'available', project_id = ?, user_id = ?, updated_at = ? \
             WHERE id = ? AND deleted = FALSE AND status = 'awaiting-transfer'",
            args![project, user, now, id],
        )
        .await?;
    Ok(changed == 1)
}

/// Makes those of the volume's snapshots that are `from`'s `project`'s and `user`'s. They are locked
/// ([`snapshots_for_update`]).
///
/// # Errors
/// [`DbError`].
pub async fn give_snapshots(
    tx: &mut Tx,
    id: VolumeId,
    (from, (project, user)): (&str, (&str, &str)),
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE snapshots SET project_id = ?, user_id = ?, updated_at = ? WHERE volume_id = ? AND \
         deleted = FALSE AND COALESCE(project_id, '') = ?",
        args![project, user, now, id, from],
    )
    .await
    .map(drop)
}
