//! Attachments come, are connected, change their status, and go.

use ashlar_types::{
    AttachStatus, Attachment, AttachmentId, ConnectionInfo, Connector, Timestamp, VolumeId,
};

use crate::{Arg, DbError, Moved, Tx, args, sql};

/// Inserts the row. Nothing is connected yet.
///
/// # Errors
/// [`DbError::Duplicate`] when the id is taken.
pub async fn insert(tx: &mut Tx, attachment: &Attachment, now: Timestamp) -> Result<(), DbError> {
    let a = attachment;
    tx.execute(
        "INSERT INTO volume_attachment (created_at, deleted, id, volume_id, instance_uuid, \
         attached_host, mountpoint, attach_mode, attach_status, attach_time) VALUES \
         (?, FALSE, ?, ?, ?, ?, ?, ?, ?, ?)",
        args![
            now,
            a.id,
            a.volume_id,
            &a.instance_uuid,
            &a.attached_host,
            &a.mountpoint,
            &a.attach_mode,
            a.attach_status,
            a.attach_time,
        ],
    )
    .await
    .map(drop)
}

/// What is known once a host may use the volume.
#[derive(Debug)]
pub struct Connected<'a> {
    /// The host.
    pub connector: &'a Connector,
    /// What it is told.
    pub info: &'a ConnectionInfo,
    /// Its name.
    pub host: &'a str,
    /// Device as the server sees it.
    pub mountpoint: &'a str,
    /// `rw` or `ro`.
    pub mode: &'a str,
}

/// Writes the connection; the attachment is `attaching` then, unless a server has it already: that stays. Answers whether it is there.
///
/// # Errors
/// [`DbError`].
pub async fn connected(
    tx: &mut Tx,
    id: AttachmentId,
    connected: &Connected<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let c = connected;
    let text = |object: &serde_json::Map<_, _>| {
        serde_json::to_string(object).expect("a map of JSON values is JSON")
    };
    let changed = tx
        .execute(
            "UPDATE volume_attachment SET connector = ?, connection_info = ?, \
             attached_host = ?, mountpoint = ?, attach_mode = ?, attach_time = ?, updated_at = ?, \
             attach_status = CASE WHEN attach_status = 'attached' THEN 'attached' ELSE 'attaching' \
             END WHERE id = ? AND deleted = FALSE",
            args![
                text(&c.connector.0),
                text(&c.info.flat()),
                c.host,
                c.mountpoint,
                c.mode,
                now,
                now,
                id,
            ],
        )
        .await?;
    Ok(changed > 0)
}

/// Moves the attachment from one of `from` (from any status when empty) to `to`.
///
/// # Errors
/// [`DbError`].
pub async fn transition(
    tx: &mut Tx,
    id: AttachmentId,
    from: &[AttachStatus],
    to: AttachStatus,
    now: Timestamp,
) -> Result<Moved<AttachStatus>, DbError> {
    let mut sql =
        "UPDATE volume_attachment SET attach_status = ?, updated_at = ? WHERE id = ? AND \
                   deleted = FALSE"
            .to_owned();
    let mut values = args![to, now, id].to_vec();
    if !from.is_empty() {
        sql.push_str(&format!(" AND attach_status IN ({})", sql::places(from.len())));
        values.extend(from.iter().copied().map(Arg::from));
    }
    if tx.execute(&sql, &values).await? > 0 {
        return Ok(Moved::Done);
    }
    let row = tx
        .row(
            "SELECT attach_status FROM volume_attachment WHERE id = ? AND deleted = FALSE",
            args![id],
        )
        .await?;
    Ok(match row {
        Some(mut row) => {
            Moved::Refused { now: row.take::<Option<_>>(0)?.unwrap_or(AttachStatus::Detached) }
        }
        None => Moved::Gone,
    })
}

/// The attachment is over: its row is deleted softly. Answers whether it was there.
///
/// # Errors
/// [`DbError`].
pub async fn destroy(tx: &mut Tx, id: AttachmentId, now: Timestamp) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE volume_attachment SET attach_status = 'detached', detach_time = ?, \
             deleted = TRUE, deleted_at = ?, updated_at = ? WHERE id = ? AND deleted = FALSE",
            args![now, now, now, id],
        )
        .await?;
    Ok(changed > 0)
}

/// What the volume's attachments make of it: the first of attached, attaching, reserved that some attachment
/// is, and `detached` when none is any. Those that failed do not count.
///
/// # Errors
/// [`DbError`].
pub async fn summary(tx: &mut Tx, id: VolumeId) -> Result<AttachStatus, DbError> {
    let row = tx
        .row(
            "SELECT MIN(attach_status) FROM volume_attachment WHERE volume_id = ? AND \
             deleted = FALSE AND attach_status IN ('attached', 'attaching', 'reserved')",
            args![id],
        )
        .await?;
    let least: Option<AttachStatus> = match row {
        Some(mut row) => row.take(0)?,
        None => None,
    };
    Ok(least.unwrap_or(AttachStatus::Detached))
}

/// Whether some attachment of the volume is more than promised: a host may use the export.
///
/// # Errors
/// [`DbError`].
pub async fn any_connected(tx: &mut Tx, id: VolumeId) -> Result<bool, DbError> {
    // One that failed to be detached may still be in use.
    let sql = "SELECT 1 FROM volume_attachment WHERE volume_id = ? AND deleted = FALSE AND \
               attach_status IN ('attaching', 'attached', 'error_detaching') LIMIT 1";
    Ok(tx.row(sql, args![id]).await?.is_some())
}
