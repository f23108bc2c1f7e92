//! Volumes that are taken over from what lies on a backend, or let go.

use std::collections::HashMap;

use ashlar_types::{BackendName, Gib, PoolName, Timestamp, VolumeId, VolumeStatus};

use super::DeleteRefusal;
use super::begin::begin_removal;
use crate::moved::Begun;
use crate::{Arg, DbError, Tx, args, sql};

/// Moves the volume from where it could be deleted to `unmanaging`, under all the conditions of a delete without its
/// snapshots. One that failed to be taken over (`error_managing`) goes to `error_managing_deleting`.
///
/// # Errors
/// [`DbError`].
pub async fn begin_unmanage(
    tx: &mut Tx,
    id: VolumeId,
    now: Timestamp,
) -> Result<Begun<DeleteRefusal>, DbError> {
    begin_removal(tx, id, (VolumeStatus::DELETABLE, VolumeStatus::Unmanaging), false, now).await
}

/// Writes where a volume that is being taken over lives, and how large it is; answers whether the row is there.
///
/// # Errors
/// [`DbError`].
pub async fn set_managed_place(
    tx: &mut Tx,
    id: VolumeId,
    pool: &PoolName,
    size: Gib,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE volumes SET host = ?, size = ?, scheduled_at = ?, updated_at = ? WHERE id = ? AND \
             deleted = FALSE",
            args![pool, size, now, now, id],
        )
        .await?;
    Ok(changed > 0)
}

/// A volume that could not be taken over is a row and nothing else: it lives nowhere, has no size and counts against no
/// quota, so that deleting it touches no backend. The status becomes `error_managing`, unless an administrator has
/// given it another meanwhile. Doing it twice is the same as once.
///
/// # Errors
/// [`DbError`].
pub async fn end_managing(tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE volumes SET host = NULL, cluster_name = NULL, service_uuid = NULL, size = 0, \
         use_quota = FALSE, updated_at = ?, status = CASE WHEN status = 'managing' THEN \
         'error_managing' ELSE status END WHERE id = ? AND deleted = FALSE",
        args![now, id],
    )
    .await
    .map(drop)
}

/// Which volumes have the names `volume-<id>`: by their own identities anywhere, or on this backend by that of the volume
/// whose name they have since a migration. Names that no volume has are left out.
///
/// # Errors
/// [`DbError`].
pub async fn named(
    tx: &mut Tx,
    backend: &BackendName,
    ids: &[VolumeId],
) -> Result<HashMap<VolumeId, VolumeId>, DbError> {
    let mut found = HashMap::new();
    let pools = sql::starts_pattern(&format!("{backend}#"));
    for part in ids.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let places = sql::places(part.len());
        let by_id =
            format!("SELECT id, id FROM volumes WHERE id IN ({places}) AND deleted = FALSE");
        let by_name = format!(
            "SELECT _name_id, id FROM volumes WHERE (host = ? OR host LIKE ? ESCAPE '!') AND deleted = FALSE \
             AND _name_id IN ({places})"
        );
        let ids: Vec<Arg<'_>> = part.into_iter().map(Arg::from).collect();
        let mut values = args![backend, &pools].to_vec();
        values.extend(ids.iter().cloned());
        for (sql, values) in [(by_id, ids), (by_name, values)] {
            for row in tx.rows(&sql, &values).await? {
                let mut row = row.reader();
                found.insert(row.next()?, row.next()?);
            }
        }
    }
    Ok(found)
}
