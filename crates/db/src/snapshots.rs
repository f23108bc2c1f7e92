//! The table `snapshots`: rows in and out, and every change of one.

mod begin;
mod manage;
mod row;

use std::collections::HashMap;

use ashlar_types::{Metadata, Snapshot, SnapshotId, SnapshotStatus, Timestamp, VolumeId};

pub use begin::{DeleteRefusal, begin_delete, transition};
pub use manage::{Known, begin_unmanage, known, set_size};
pub(crate) use row::{columns, read};

use crate::texts::{self, TextChange};
use crate::{Arg, DbError, Tx, args, metadata, sql};

/// Inserts the row and its metadata. The caller holds the volume's row
/// ([`crate::volumes::get_for_update`]), so that no delete of the volume overlooks the snapshot.
///
/// # Errors
/// [`DbError::Duplicate`] when the id is taken.
pub async fn insert(tx: &mut Tx, snapshot: &Snapshot, metadata: &Metadata) -> Result<(), DbError> {
    let s = snapshot;
    let values = args![
        s.id,
        s.volume_id,
        &s.project_id,
        &s.user_id,
        s.status,
        &s.progress,
        s.volume_size,
        &s.name,
        &s.description,
        s.volume_type_id,
        &s.encryption_key_id,
        &s.group_snapshot_id,
        &s.cgsnapshot_id,
        s.use_quota,
        &s.provider_location,
        &s.provider_id,
        s.created_at,
        s.updated_at,
    ];
    tx.execute(
        "INSERT INTO snapshots (id, volume_id, project_id, user_id, status, progress, volume_size, \
         display_name, display_description, volume_type_id, encryption_key_id, group_snapshot_id, \
         cgsnapshot_id, use_quota, provider_location, provider_id, created_at, updated_at, \
         deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, FALSE)",
        values,
    )
    .await?;
    metadata::insert(tx, metadata::Of::Snapshot(s.id), metadata, s.created_at).await
}

const BY_ID: &str =
    concat!("SELECT ", columns!(), " FROM snapshots t WHERE t.id = ? AND t.deleted = FALSE");

/// The snapshot, unless it is deleted.
///
/// # Errors
/// [`DbError`].
pub async fn get(tx: &mut Tx, id: SnapshotId) -> Result<Option<Snapshot>, DbError> {
    tx.row(BY_ID, args![id]).await?.map(|row| read(&mut row.reader())).transpose()
}

/// As [`get`], and nobody else changes the row until the transaction ends.
///
/// # Errors
/// [`DbError`].
pub async fn get_for_update(tx: &mut Tx, id: SnapshotId) -> Result<Option<Snapshot>, DbError> {
    let sql = format!("{BY_ID}{}", tx.engine().for_update());
    tx.row(&sql, args![id]).await?.map(|row| read(&mut row.reader())).transpose()
}

/// The volume's snapshots, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn of_volume(tx: &mut Tx, id: VolumeId) -> Result<Vec<Snapshot>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM snapshots t WHERE t.volume_id = ? AND t.deleted = FALSE ORDER BY t.created_at, t.id"
    );
    let rows = tx.rows(SQL, args![id]).await?;
    rows.into_iter().map(|row| read(&mut row.reader())).collect()
}

/// How many snapshots each of the volumes has; volumes without any are left out.
///
/// # Errors
/// [`DbError`].
pub async fn count_by_volume(
    tx: &mut Tx,
    ids: &[VolumeId],
) -> Result<HashMap<VolumeId, u64>, DbError> {
    let mut found = HashMap::new();
    for part in ids.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!(
            "SELECT volume_id, COUNT(*) FROM snapshots WHERE volume_id IN ({}) AND deleted = FALSE \
             GROUP BY volume_id",
            sql::places(part.len())
        );
        let values: Vec<_> = part.into_iter().map(Arg::from).collect();
        for mut row in tx.rows(&sql, &values).await? {
            found.insert(row.take(0)?, row.take(1)?);
        }
    }
    Ok(found)
}

/// What is known of a snapshot once its backend has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Published<'a> {
    /// Status to go to.
    pub status: SnapshotStatus,
    /// Where the backend has it, in the driver's words.
    pub provider_location: Option<&'a str>,
    /// Backend's own identity for it.
    pub provider_id: Option<&'a str>,
}

/// Writes what the backend told, and progress `100%`, if the snapshot is still in one of `from`;
/// answers whether it was.
///
/// # Errors
/// [`DbError`].
pub async fn publish(
    tx: &mut Tx,
    id: SnapshotId,
    from: &[SnapshotStatus],
    published: &Published<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let p = published;
    let sql = format!(
        "UPDATE snapshots SET status = ?, progress = '100%', provider_location = ?, \
         provider_id = ?, updated_at = ? WHERE id = ? AND deleted = FALSE AND status IN ({})",
        sql::places(from.len())
    );
    let mut values = args![p.status, p.provider_location, p.provider_id, now, id].to_vec();
    values.extend(from.iter().copied().map(Arg::from));
    Ok(tx.execute(&sql, &values).await? > 0)
}

/// Writes what the backend told, and progress `100%`, and leaves the status alone: it has been changed
/// meanwhile.
///
/// # Errors
/// [`DbError`].
pub async fn record_made(
    tx: &mut Tx,
    id: SnapshotId,
    published: &Published<'_>,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE snapshots SET progress = '100%', provider_location = ?, provider_id = ? \
         WHERE id = ? AND deleted = FALSE",
        args![published.provider_location, published.provider_id, id],
    )
    .await
    .map(drop)
}

/// Sets the status, and the progress when one is given, whatever they were; answers whether the row
/// was there. A progress that begins with `100%` says that it takes space on its backend
/// ([`Snapshot::takes_space`]): only [`publish`] and [`record_made`] write that, and nothing takes it
/// away; what is reported afterwards stands behind it.
///
/// # Errors
/// [`DbError`].
pub async fn set_status(
    tx: &mut Tx,
    id: SnapshotId,
    to: SnapshotStatus,
    progress: Option<&str>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let behind = progress.map(|progress| format!("{} {progress}", Snapshot::COMPLETE));
    let alone = progress.filter(|progress| !progress.starts_with(Snapshot::COMPLETE));
    let changed = tx
        .execute(
            "UPDATE snapshots SET status = ?, progress = CASE WHEN progress LIKE '100!%%' ESCAPE '!' \
             THEN COALESCE(?, progress) ELSE COALESCE(?, progress) END, updated_at = ? \
             WHERE id = ? AND deleted = FALSE",
            args![to, behind, alone, now, id],
        )
        .await?;
    Ok(changed > 0)
}

/// Changes name and description; answers whether the row was there.
///
/// # Errors
/// [`DbError`].
pub async fn update_text(
    tx: &mut Tx,
    id: SnapshotId,
    change: &TextChange<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    texts::update(tx, "snapshots", Arg::from(id), change, now).await
}

/// Deletes the row and what hangs on it, softly. Like Cinder it leaves `updated_at` alone. Doing it
/// twice is the same as once; answers whether this time did it.
///
/// # Errors
/// [`DbError`].
pub async fn destroy(tx: &mut Tx, id: SnapshotId, now: Timestamp) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE snapshots SET status = 'deleted', deleted = TRUE, deleted_at = ? WHERE id = ? \
             AND deleted = FALSE",
            args![now, id],
        )
        .await?;
    metadata::destroy(tx, metadata::Of::Snapshot(id), now).await?;
    metadata::destroy(tx, metadata::Of::SnapshotImage(id), now).await?;
    Ok(changed > 0)
}
