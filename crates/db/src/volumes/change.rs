//! Changes of a volume's row other than by compare and swap. Each answers whether the row was there.

use ashlar_types::{AttachStatus, Gib, PoolName, Timestamp, VolumeId, VolumeStatus};

use crate::texts::{self, TextChange};
use crate::{Arg, DbError, Tx, args, sql};

/// What is known of a volume once its backend has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Published<'a> {
    /// Status to go to.
    pub status: VolumeStatus,
    /// Where the backend has it, in the driver's words.
    pub provider_location: Option<&'a str>,
    /// Backend's own identity for it.
    pub provider_id: Option<&'a str>,
    /// Whether a server may boot from it; what stands there is kept when none is given.
    pub bootable: Option<bool>,
    /// Whether attachments share one target.
    pub shared_targets: Option<bool>,
    /// Identity of the owning service; what stands there is kept when none is given.
    pub service_uuid: Option<&'a str>,
    /// When it became usable.
    pub launched_at: Option<Timestamp>,
}

/// Writes what the backend told, if the volume is still in one of `from`; answers whether it was.
///
/// # Errors
/// [`DbError`].
pub async fn publish(
    tx: &mut Tx,
    id: VolumeId,
    from: &[VolumeStatus],
    published: &Published<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let p = published;
    let sql = format!(
        "UPDATE volumes SET status = ?, provider_location = ?, provider_id = ?, bootable = COALESCE(?, bootable), \
         shared_targets = ?, service_uuid = COALESCE(?, service_uuid), launched_at = ?, \
         updated_at = ? WHERE id = ? AND deleted = FALSE AND status IN ({})",
        sql::places(from.len())
    );
    let mut values = args![
        p.status,
        p.provider_location,
        p.provider_id,
        p.bootable,
        p.shared_targets,
        p.service_uuid,
        p.launched_at,
        now,
        id,
    ]
    .to_vec();
    values.extend(from.iter().copied().map(Arg::from));
    Ok(tx.execute(&sql, &values).await? > 0)
}

/// Writes where the volume will live, as the scheduler chose.
///
/// # Errors
/// [`DbError`].
pub async fn set_place(
    tx: &mut Tx,
    id: VolumeId,
    pool: &PoolName,
    availability_zone: &str,
    service_uuid: Option<&str>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE volumes SET host = ?, availability_zone = ?, service_uuid = ?, \
             scheduled_at = ?, updated_at = ? WHERE id = ? AND deleted = FALSE",
            args![pool, availability_zone, service_uuid, now, now, id],
        )
        .await?;
    Ok(changed > 0)
}

/// Where a volume is to live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// The volume.
    pub volume: VolumeId,
    /// Its pool.
    pub pool: &'a PoolName,
    /// The zone of the pool's service.
    pub availability_zone: &'a str,
}

/// Volumes whose places one statement writes.
const PLACES_AT_ONCE: usize = 64;

/// Writes where many volumes will live, as [`set_place`] without a service's identity does for one.
/// Volumes that are gone are passed over.
///
/// # Errors
/// [`DbError`].
pub async fn set_places(tx: &mut Tx, all: &[Place<'_>], now: Timestamp) -> Result<(), DbError> {
    for part in all.chunks(PLACES_AT_ONCE) {
        let part = sql::pad(part);
        let pools = part.iter().flat_map(|place| [Arg::from(place.volume), Arg::from(place.pool)]);
        let zones = part
            .iter()
            .flat_map(|place| [Arg::from(place.volume), Arg::from(place.availability_zone)]);
        let values: Vec<Arg<'_>> = pools
            .chain(zones)
            .chain([Arg::from(now), Arg::from(now)])
            .chain(part.iter().map(|place| Arg::from(place.volume)))
            .collect();
        let case = sql::case("id", part.len());
        let sql = format!(
            "UPDATE volumes SET host = {case}, availability_zone = {case}, service_uuid = NULL, \
             scheduled_at = ?, updated_at = ? WHERE id IN ({}) AND deleted = FALSE",
            sql::places(part.len())
        );
        tx.execute(&sql, &values).await?;
    }
    Ok(())
}

/// Takes the volume's place away again: it lives nowhere.
///
/// # Errors
/// [`DbError`].
pub async fn clear_place(tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE volumes SET host = NULL, cluster_name = NULL, service_uuid = NULL, \
             updated_at = ? WHERE id = ? AND deleted = FALSE",
            args![now, id],
        )
        .await?;
    Ok(changed > 0)
}

/// Sets the status, whatever it was.
///
/// # Errors
/// [`DbError`].
pub async fn set_status(
    tx: &mut Tx,
    id: VolumeId,
    to: VolumeStatus,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE volumes SET status = ?, updated_at = ? WHERE id = ? AND deleted = FALSE",
            args![to, now, id],
        )
        .await?;
    Ok(changed > 0)
}

/// Sets the size, and the status that goes with it.
///
/// # Errors
/// [`DbError`].
pub async fn set_size(
    tx: &mut Tx,
    id: VolumeId,
    size: Gib,
    status: VolumeStatus,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE volumes SET size = ?, status = ?, updated_at = ? WHERE id = ? AND \
             deleted = FALSE",
            args![size, status, now, id],
        )
        .await?;
    Ok(changed > 0)
}

/// Changes name and description.
///
/// # Errors
/// [`DbError`].
pub async fn update_text(
    tx: &mut Tx,
    id: VolumeId,
    change: &TextChange<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    texts::update(tx, "volumes", Arg::from(id), change, now).await
}

/// Sets whether a server may boot from it.
///
/// # Errors
/// [`DbError`].
pub async fn set_bootable(
    tx: &mut Tx,
    id: VolumeId,
    bootable: bool,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE volumes SET bootable = ?, updated_at = ? WHERE id = ? AND deleted = FALSE",
            args![bootable, now, id],
        )
        .await?;
    Ok(changed > 0)
}

/// What an administrator resets. `None` leaves it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reset<'a> {
    /// Status.
    pub status: Option<VolumeStatus>,
    /// Attach status.
    pub attach_status: Option<AttachStatus>,
    /// Migration status; `Some(None)` stores null, which the API calls `none`.
    pub migration_status: Option<Option<&'a str>>,
}

/// Sets statuses without looking at what they were (`os-reset_status`).
///
/// # Errors
/// [`DbError`].
pub async fn reset(
    tx: &mut Tx,
    id: VolumeId,
    reset: &Reset<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE volumes SET status = COALESCE(?, status), \
             attach_status = COALESCE(?, attach_status), \
             migration_status = CASE WHEN ? THEN ? ELSE migration_status END, \
             updated_at = ? WHERE id = ? AND deleted = FALSE",
            args![
                reset.status,
                reset.attach_status,
                reset.migration_status.is_some(),
                reset.migration_status.flatten(),
                now,
                id,
            ],
        )
        .await?;
    Ok(changed > 0)
}

/// What hangs on a volume and is deleted with it; Cinder's list without snapshots, which go first.
const CHILDREN: &[&str] = &[
    "volume_metadata",
    "volume_admin_metadata",
    "volume_glance_metadata",
    "volume_attachment",
    "transfers",
];

/// Deletes the row and what hangs on it, softly. Like Cinder it leaves `updated_at` alone. Doing it
/// twice is the same as once; answers whether this time did it.
///
/// # Errors
/// [`DbError`].
pub async fn destroy(tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE volumes SET status = 'deleted', deleted = TRUE, deleted_at = ?, \
             migration_status = NULL WHERE id = ? AND deleted = FALSE",
            args![now, id],
        )
        .await?;
    for child in CHILDREN {
        let sql = format!(
            "UPDATE {child} SET deleted = TRUE, deleted_at = ? WHERE volume_id = ? AND \
             deleted = FALSE"
        );
        tx.execute(&sql, args![now, id]).await?;
    }
    Ok(changed > 0)
}
