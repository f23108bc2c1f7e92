//! The table `volumes`: rows in and out, and every change of one.
//!
//! A status changes by compare and swap ([`transition`] and the `begin_…` functions). Rows are deleted
//! softly, as Cinder does: they stay, marked, with status `deleted`.

mod attach;
mod begin;
mod change;
mod extend;
mod grouped;
mod keeping;
mod living;
mod made;
mod manage;
mod row;
mod sources;
mod upload;

use ashlar_types::{BackendName, Metadata, Volume, VolumeId};

pub use crate::texts::TextChange;
pub use attach::{
    begin_detaching, export, is_offered, keep_export, keep_export_if_needed, needing_export,
    needs_export, owe_withdrawal, owes_withdrawal, owing_withdrawal, set_attached, set_attaching,
    set_in_use, settle_attachments, withdrawn,
};
pub use begin::{DeleteRefusal, begin_delete, begin_extend, transition};
pub use change::{
    Place, Published, Reset, clear_place, destroy, publish, reset, set_bootable, set_place,
    set_places, set_size, set_status, update_text,
};
pub use extend::{end_extend, publish_extend};
pub use grouped::{GroupDeleteRefusal, begin_delete_with_group};
pub use keeping::{Reimaged, begin_keeping, end_reimage, end_retype, set_type};
pub use living::{Deleting, has_living};
pub use made::record_made;
pub use manage::{begin_unmanage, end_managing, named, set_managed_place};
pub(crate) use row::{columns, read};
pub use sources::{being_cloned_from, being_made_from, being_made_with_group};
pub use upload::{begin_upload, end_upload};

use crate::{DbError, Tx, args, metadata, sql};

/// Inserts the row and its metadata.
///
/// # Errors
/// [`DbError::Duplicate`] when the id is taken.
pub async fn insert(tx: &mut Tx, volume: &Volume, metadata: &Metadata) -> Result<(), DbError> {
    let v = volume;
    let values = args![
        v.id,
        v.name_id,
        &v.project_id,
        &v.user_id,
        &v.host,
        &v.cluster_name,
        v.size,
        &v.availability_zone,
        v.status,
        &v.previous_status,
        v.attach_status,
        &v.migration_status,
        v.snapshot_id,
        v.source_volid,
        v.volume_type_id,
        &v.name,
        &v.description,
        v.bootable,
        v.multiattach,
        v.use_quota,
        &v.encryption_key_id,
        &v.consistencygroup_id,
        v.group_id,
        &v.provider_location,
        &v.provider_id,
        &v.replication_status,
        &v.service_uuid,
        v.shared_targets,
        v.scheduled_at,
        v.launched_at,
        v.terminated_at,
        v.created_at,
        v.updated_at,
    ];
    tx.execute(
        "INSERT INTO volumes (id, _name_id, project_id, user_id, host, cluster_name, size, \
         availability_zone, status, previous_status, attach_status, migration_status, snapshot_id, \
         source_volid, volume_type_id, display_name, display_description, bootable, multiattach, \
         use_quota, encryption_key_id, consistencygroup_id, group_id, provider_location, \
         provider_id, replication_status, service_uuid, shared_targets, scheduled_at, launched_at, \
         terminated_at, created_at, updated_at, deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \
         ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, FALSE)",
        values,
    )
    .await?;
    metadata::insert(tx, metadata::Of::Volume(v.id), metadata, v.created_at).await
}

/// The volume, unless it is deleted.
///
/// # Errors
/// [`DbError`].
pub async fn get(tx: &mut Tx, id: VolumeId) -> Result<Option<Volume>, DbError> {
    const SQL: &str =
        concat!("SELECT ", columns!(), " FROM volumes t WHERE t.id = ? AND t.deleted = FALSE");
    tx.row(SQL, args![id]).await?.map(|row| read(&mut row.reader())).transpose()
}

/// As [`get`], and nobody else changes the row until the transaction ends. Whoever makes something
/// that depends on a volume (a snapshot, a clone) takes this lock or moves the volume's status first;
/// [`begin_delete`] does too, so that one of the two sees the other.
///
/// # Errors
/// [`DbError`].
pub async fn get_for_update(tx: &mut Tx, id: VolumeId) -> Result<Option<Volume>, DbError> {
    const SQL: &str =
        concat!("SELECT ", columns!(), " FROM volumes t WHERE t.id = ? AND t.deleted = FALSE");
    let sql = format!("{SQL}{}", tx.engine().for_update());
    tx.row(&sql, args![id]).await?.map(|row| read(&mut row.reader())).transpose()
}

/// Those of `ids` that are there, in no particular order.
///
/// # Errors
/// [`DbError`].
pub async fn get_many(tx: &mut Tx, ids: &[VolumeId]) -> Result<Vec<Volume>, DbError> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM volumes t WHERE t.deleted = FALSE");
    let mut found = Vec::with_capacity(ids.len());
    for part in ids.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!("{SQL} AND t.id IN ({})", sql::places(part.len()));
        let values: Vec<_> = part.into_iter().map(crate::Arg::from).collect();
        for row in tx.rows(&sql, &values).await? {
            found.push(read(&mut row.reader())?);
        }
    }
    Ok(found)
}

/// All volumes that live in some pool of `backend`, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn of_backend(tx: &mut Tx, backend: &BackendName) -> Result<Vec<Volume>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM volumes t WHERE t.deleted = FALSE AND (t.host = ? OR t.host LIKE ? ESCAPE '!') \
         ORDER BY t.created_at, t.id"
    );
    let pools = sql::starts_pattern(&format!("{backend}#"));
    let rows = tx.rows(SQL, args![backend, pools]).await?;
    rows.into_iter().map(|row| read(&mut row.reader())).collect()
}
