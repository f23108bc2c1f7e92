//! Attachments with all that is kept of them: the connection too, which may hold a password.

use ashlar_types::{
    AttachStatus, Attachment, AttachmentId, ConnectionInfo, Connector, Timestamp, VolumeId,
};
use serde_json::{Map, Value};

use super::AttachmentColumn;
use crate::listing::{self, Filter, Page};
use crate::row::Reader;
use crate::{DbError, Row, Tx, args};

/// Which attachments a list is to have. The project is the volume's.
pub type AttachmentFilter = Filter<AttachmentColumn>;
/// Which part of the list, and in which order.
pub type AttachmentPage = Page<AttachmentColumn>;

/// An attachment and what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct AttachmentDetail {
    /// The row.
    pub attachment: Attachment,
    /// Project of the volume.
    pub project_id: String,
    /// The host that was connected, as it described itself.
    pub connector: Option<Connector>,
    /// What that host was told; none until it is connected. For the eyes of the volume's project alone.
    pub connection_info: Option<ConnectionInfo>,
    /// When the row was made.
    pub created_at: Option<Timestamp>,
    /// When the row last changed.
    pub updated_at: Option<Timestamp>,
}

const SELECT: &str = "SELECT t.id, t.volume_id, t.instance_uuid, t.attached_host, t.mountpoint, \
     t.attach_mode, t.attach_status, t.attach_time, t.detach_time, \
     (SELECT o.project_id FROM volumes o WHERE o.id = t.volume_id), t.connector, \
     t.connection_info, t.created_at, t.updated_at FROM volume_attachment t";

/// The attachment, unless it is deleted.
///
/// # Errors
/// [`DbError`].
pub async fn get(tx: &mut Tx, id: AttachmentId) -> Result<Option<AttachmentDetail>, DbError> {
    let sql = format!("{SELECT} WHERE t.id = ? AND t.deleted = FALSE");
    tx.row(&sql, args![id]).await?.map(read).transpose()
}

/// The volume's attachments, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn details_of_volume(
    tx: &mut Tx,
    id: VolumeId,
) -> Result<Vec<AttachmentDetail>, DbError> {
    let sql =
        format!("{SELECT} WHERE t.volume_id = ? AND t.deleted = FALSE ORDER BY t.created_at, t.id");
    tx.rows(&sql, args![id]).await?.into_iter().map(read).collect()
}

/// One page; `None` when the marker is not there.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut Tx,
    filter: &AttachmentFilter,
    page: &AttachmentPage,
) -> Result<Option<Vec<AttachmentDetail>>, DbError> {
    let Some(built) = listing::page(tx, SELECT, filter, page).await? else { return Ok(None) };
    let rows = tx.rows(&built.sql, &built.values).await?;
    rows.into_iter().map(read).collect::<Result<_, _>>().map(Some)
}

fn read(row: Row) -> Result<AttachmentDetail, DbError> {
    let mut row = row.reader();
    let attachment = Attachment {
        id: row.next()?,
        volume_id: row.next()?,
        instance_uuid: row.next()?,
        attached_host: row.next()?,
        mountpoint: row.next()?,
        attach_mode: row.next()?,
        attach_status: row.next::<Option<_>>()?.unwrap_or(AttachStatus::Detached),
        attach_time: row.next()?,
        detach_time: row.next()?,
    };
    Ok(AttachmentDetail {
        attachment,
        project_id: row.next::<Option<_>>()?.unwrap_or_default(),
        connector: object(&mut row)?.map(Connector),
        connection_info: object(&mut row)?.and_then(ConnectionInfo::from_flat),
        created_at: row.next()?,
        updated_at: row.next()?,
    })
}

/// A JSON object in a text. What is none was not written by Cinder or by us, and counts as nothing.
fn object(row: &mut Reader) -> Result<Option<Map<String, Value>>, DbError> {
    let text: Option<String> = row.next()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}
