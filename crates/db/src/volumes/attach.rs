//! What attaching changes of a volume's row: its statuses, and what its export is.

use ashlar_types::{
    AttachStatus, BackendName, Export, Metadata, Timestamp, VolumeId, VolumeStatus,
};

use super::begin::{NOT_MIGRATING, moved};
use super::get_for_update;
use crate::attachments;
use crate::metadata::{self, Of};
use crate::{Arg, DbError, Moved, Tx, args, sql};

/// Key of the administrator's metadata that says that the backend offers the volume to hosts.
const EXPORTED: &str = "exported";
/// It does.
const OFFERS: &str = "True";
/// It should not any more, and was not told so yet.
const OWES: &str = "False";

/// `in-use` and attached to `detaching`, unless a migration is under way.
///
/// # Errors
/// [`DbError`].
pub async fn begin_detaching(tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<Moved, DbError> {
    let sql = format!(
        "UPDATE volumes AS v SET status = 'detaching', updated_at = ? WHERE v.id = ? AND \
         v.deleted = FALSE AND v.status = 'in-use' AND v.attach_status = 'attached' AND \
         {NOT_MIGRATING}"
    );
    moved(tx, id, &sql, args![now, id]).await
}

/// Sets both statuses, if the volume's is one of `from`. Answers whether it was.
///
/// # Errors
/// [`DbError`].
pub async fn set_attached(
    tx: &mut Tx,
    id: VolumeId,
    from: &[VolumeStatus],
    to: (VolumeStatus, AttachStatus),
    now: Timestamp,
) -> Result<Moved, DbError> {
    let sql = format!(
        "UPDATE volumes SET status = ?, attach_status = ?, updated_at = ? WHERE id = ? AND \
         deleted = FALSE AND status IN ({})",
        sql::places(from.len())
    );
    let mut values = args![to.0, to.1, now, id].to_vec();
    values.extend(from.iter().copied().map(Arg::from));
    moved(tx, id, &sql, &values).await
}

/// The volume is being attached. A status that tells of something else that is going on stays. Answers whether the
/// volume is there, and not being removed.
///
/// # Errors
/// [`DbError`].
pub async fn set_attaching(tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<bool, DbError> {
    let sql = format!(
        "UPDATE volumes AS v SET status = CASE WHEN {FOLLOWS} THEN 'attaching' ELSE status END, \
         attach_status = 'attaching', updated_at = ? WHERE v.id = ? AND v.deleted = FALSE AND {KEPT}"
    );
    Ok(tx.execute(&sql, args![now, id]).await? > 0)
}

/// The volume is in use. A status that tells of something that is going on stays; an error is over. Answers whether the
/// volume is there, and not being removed.
///
/// # Errors
/// [`DbError`].
pub async fn set_in_use(tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<bool, DbError> {
    let sql = format!(
        "UPDATE volumes AS v SET status = CASE WHEN {FOLLOWS} OR status LIKE 'error%' THEN 'in-use' \
         ELSE status END, attach_status = 'attached', updated_at = ? WHERE v.id = ? AND \
         v.deleted = FALSE AND {KEPT}"
    );
    Ok(tx.execute(&sql, args![now, id]).await? > 0)
}

/// Sets what the volume's attachments make of it, after one of them went. A status that tells of something else stays:
/// of a migration or an upload that ends by itself, or of a removal.
///
/// # Errors
/// [`DbError`].
pub async fn settle_attachments(tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<(), DbError> {
    let attach = attachments::summary(tx, id).await?;
    let status = match attach {
        AttachStatus::Attached => VolumeStatus::InUse,
        AttachStatus::Attaching => VolumeStatus::Attaching,
        AttachStatus::Reserved => VolumeStatus::Reserved,
        _ => VolumeStatus::Available,
    };
    let follows = match attach {
        AttachStatus::Detached => format!("{FOLLOWS} AND {NOT_MOVING}"),
        _ => FOLLOWS.to_owned(),
    };
    let sql = format!(
        "UPDATE volumes SET status = CASE WHEN {follows} THEN ? ELSE status END, attach_status = ?, \
         updated_at = ? WHERE id = ? AND deleted = FALSE"
    );
    tx.execute(&sql, args![status, attach, now, id]).await?;
    metadata::remove(tx, Of::VolumeAdmin(id), "attached_mode", now).await.map(drop)
}

/// Whether the status follows from the attachments, as against telling of something else that is going on or went wrong.
const FOLLOWS: &str = "status IN ('available', 'reserved', 'attaching', 'in-use', 'detaching')";

/// A migration or an upload ends by itself, and sets the status then, as in Cinder.
const NOT_MOVING: &str =
    "(migration_status IS NULL OR migration_status IN ('success', 'error', 'deleting'))";

/// How the volume is offered to hosts, as far as it is: `None` when it is not, and the driver chooses.
///
/// # Errors
/// [`DbError`].
pub async fn export(tx: &mut Tx, id: VolumeId) -> Result<Option<Export>, DbError> {
    let sql = format!(
        "SELECT v.provider_location, v.provider_auth FROM volumes v WHERE v.id = ? AND \
         v.deleted = FALSE AND v.provider_location IS NOT NULL AND {OFFERED}"
    );
    let Some(row) = tx.row(&sql, args![id]).await? else { return Ok(None) };
    let mut row = row.reader();
    Ok(Some(Export { provider_location: row.next()?, provider_auth: row.next()? }))
}

/// Somebody has the volume, or may have it, as a condition on the table `volumes`. While a server moves to another host
/// the volume's own word is `attaching`, although one attachment is in use.
pub(super) const USED: &str = "(attach_status = 'attached' OR EXISTS (SELECT 1 FROM volume_attachment a WHERE \
     a.volume_id = volumes.id AND a.deleted = FALSE AND a.attach_status IN ('attached', 'attaching', \
     'error_detaching')))";

/// A host may need the export of `v`: we made one, or there is an attachment (of Cinder's time, too).
const OFFERED: &str = "(EXISTS (SELECT 1 FROM volume_admin_metadata m WHERE m.volume_id = v.id AND \
     m.deleted = FALSE AND m.\"key\" = 'exported' AND m.value = 'True') OR EXISTS (SELECT 1 FROM volume_attachment a \
     WHERE a.volume_id = v.id AND a.deleted = FALSE AND a.attach_status IN ('attaching', \
     'attached', 'error_detaching')))";

/// Keeps how the volume is offered to hosts.
///
/// # Errors
/// [`DbError`].
pub async fn keep_export(
    tx: &mut Tx,
    id: VolumeId,
    export: &Export,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE volumes SET provider_location = ?, provider_auth = ?, updated_at = ? WHERE id = ? \
         AND deleted = FALSE",
        args![&export.provider_location, &export.provider_auth, now, id],
    )
    .await?;
    mark(tx, id, OFFERS, now).await
}

/// As [`keep_export`], unless the volume is to be offered no more by now.
///
/// # Errors
/// [`DbError`].
pub async fn keep_export_if_needed(
    tx: &mut Tx,
    id: VolumeId,
    export: &Export,
    now: Timestamp,
) -> Result<(), DbError> {
    if get_for_update(tx, id).await?.is_some() && needs_export(tx, id).await? {
        keep_export(tx, id, export, now).await?;
    }
    Ok(())
}

/// The volume is to be offered no more: the tables forget how it was, and remember that the backend is to be told.
///
/// # Errors
/// [`DbError`].
pub async fn owe_withdrawal(tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<(), DbError> {
    let known = metadata::get(tx, Of::VolumeAdmin(id)).await?;
    if known.get(EXPORTED).is_some_and(|value| value == OFFERS) {
        // Otherwise the location is not ours to forget.
        tx.execute(
            "UPDATE volumes SET provider_location = NULL, provider_auth = NULL, updated_at = ? \
             WHERE id = ?",
            args![now, id],
        )
        .await?;
    }
    mark(tx, id, OWES, now).await
}

/// Whether the backend is still to be told that the volume is offered no more.
///
/// # Errors
/// [`DbError`].
pub async fn owes_withdrawal(tx: &mut Tx, id: VolumeId) -> Result<bool, DbError> {
    let known = metadata::get(tx, Of::VolumeAdmin(id)).await?;
    Ok(known.get(EXPORTED).is_some_and(|value| value == OWES))
}

/// The backend was told that the volume is offered no more. One that is offered again meanwhile is left alone.
///
/// # Errors
/// [`DbError`].
pub async fn withdrawn(tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<(), DbError> {
    if owes_withdrawal(tx, id).await? {
        metadata::remove(tx, Of::VolumeAdmin(id), EXPORTED, now).await?;
    }
    Ok(())
}

async fn mark(tx: &mut Tx, id: VolumeId, value: &str, now: Timestamp) -> Result<(), DbError> {
    let mark = Metadata::from([(EXPORTED.to_owned(), value.to_owned())]);
    metadata::merge(tx, Of::VolumeAdmin(id), &mark, now).await.map(drop)
}

/// Volumes that are being removed or let go are offered to nobody.
const KEPT: &str =
    "v.status NOT IN ('deleting', 'error_deleting', 'error_managing_deleting', 'unmanaging')";

/// Whether the backend should offer the volume.
///
/// # Errors
/// [`DbError`].
pub async fn needs_export(tx: &mut Tx, id: VolumeId) -> Result<bool, DbError> {
    let sql = format!(
        "SELECT 1 FROM volumes v WHERE v.id = ? AND v.deleted = FALSE AND {KEPT} AND {OFFERED}"
    );
    Ok(tx.row(&sql, args![id]).await?.is_some())
}

/// Whether a host may be using the volume, even one that should be offered to nobody by its status.
///
/// # Errors
/// [`DbError`].
pub async fn is_offered(tx: &mut Tx, id: VolumeId) -> Result<bool, DbError> {
    let sql = format!("SELECT 1 FROM volumes v WHERE v.id = ? AND v.deleted = FALSE AND {OFFERED}");
    Ok(tx.row(&sql, args![id]).await?.is_some())
}

/// The volumes of `backend` that it should offer, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn needing_export(tx: &mut Tx, backend: &BackendName) -> Result<Vec<VolumeId>, DbError> {
    on_backend(tx, backend, &format!("{KEPT} AND {OFFERED}")).await
}

/// The volumes of `backend` that it is still to be told not to offer.
///
/// # Errors
/// [`DbError`].
pub async fn owing_withdrawal(
    tx: &mut Tx,
    backend: &BackendName,
) -> Result<Vec<VolumeId>, DbError> {
    let owes = "EXISTS (SELECT 1 FROM volume_admin_metadata m WHERE m.volume_id = v.id AND \
                m.deleted = FALSE AND m.\"key\" = 'exported' AND m.value = 'False')";
    on_backend(tx, backend, owes).await
}

async fn on_backend(
    tx: &mut Tx,
    backend: &BackendName,
    condition: &str,
) -> Result<Vec<VolumeId>, DbError> {
    let sql = format!(
        "SELECT v.id FROM volumes v WHERE v.deleted = FALSE AND (v.host = ? OR v.host LIKE ? \
         ESCAPE '!') AND {condition} ORDER BY v.created_at, v.id"
    );
    let pools = sql::starts_pattern(&format!("{backend}#"));
    let rows = tx.rows(&sql, args![backend, pools]).await?;
    rows.into_iter().map(|mut row| row.take(0)).collect()
}
