//! The table `volume_attachment`: which servers and hosts have which volumes.

mod change;
mod columns;
mod detach;
mod detail;

use std::collections::HashMap;

use ashlar_types::{AttachStatus, Attachment, VolumeId};

pub use change::{Connected, any_connected, connected, destroy, insert, summary, transition};
pub use columns::AttachmentColumn;
pub use detach::detach_all;
pub use detail::{
    AttachmentDetail, AttachmentFilter, AttachmentPage, details_of_volume, get, list,
};

use crate::row::Reader;
use crate::{Arg, DbError, Tx, args, sql};

const COLUMNS: &str = "id, volume_id, instance_uuid, attached_host, mountpoint, attach_mode, \
     attach_status, attach_time, detach_time";

/// The volume's attachments, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn of_volume(tx: &mut Tx, id: VolumeId) -> Result<Vec<Attachment>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM volume_attachment WHERE volume_id = ? AND deleted = FALSE ORDER BY \
         created_at, id"
    );
    let rows = tx.rows(&sql, args![id]).await?;
    rows.into_iter().map(|row| read(&mut row.reader())).collect()
}

/// The attachments of many volumes, oldest first.
pub(crate) async fn of_volumes(
    tx: &mut Tx,
    ids: &[String],
) -> Result<HashMap<VolumeId, Vec<Attachment>>, DbError> {
    let mut found: HashMap<VolumeId, Vec<Attachment>> = HashMap::new();
    for part in ids.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!(
            "SELECT {COLUMNS} FROM volume_attachment WHERE volume_id IN ({}) AND deleted = FALSE \
             ORDER BY created_at, id",
            sql::places(part.len())
        );
        let values: Vec<Arg<'_>> = part.iter().map(Arg::from).collect();
        for row in tx.rows(&sql, &values).await? {
            let attachment = read(&mut row.reader())?;
            found.entry(attachment.volume_id).or_default().push(attachment);
        }
    }
    Ok(found)
}

fn read(row: &mut Reader) -> Result<Attachment, DbError> {
    Ok(Attachment {
        id: row.next()?,
        volume_id: row.next()?,
        instance_uuid: row.next()?,
        attached_host: row.next()?,
        mountpoint: row.next()?,
        attach_mode: row.next()?,
        attach_status: row.next::<Option<_>>()?.unwrap_or(AttachStatus::Detached),
        attach_time: row.next()?,
        detach_time: row.next()?,
    })
}
