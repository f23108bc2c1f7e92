//! The columns of `snapshots` that the house knows, and a row read into a [`Snapshot`].

use ashlar_types::Snapshot;

use crate::DbError;
use crate::row::Reader;

/// The columns in the order in which [`read`] wants them; the table's alias is `t`.
macro_rules! columns {
    () => {
        "t.id, t.volume_id, t.project_id, t.user_id, t.status, t.progress, t.volume_size, \
         t.display_name, t.display_description, t.volume_type_id, t.encryption_key_id, \
         t.group_snapshot_id, t.cgsnapshot_id, t.use_quota, t.provider_location, t.provider_id, \
         t.created_at, t.updated_at"
    };
}
pub(crate) use columns;

/// Reads the columns.
pub(crate) fn read(row: &mut Reader) -> Result<Snapshot, DbError> {
    Ok(Snapshot {
        id: row.next()?,
        volume_id: row.next()?,
        project_id: row.next::<Option<_>>()?.unwrap_or_default(),
        user_id: row.next::<Option<_>>()?.unwrap_or_default(),
        status: row.next()?,
        progress: row.next()?,
        volume_size: row.next::<Option<_>>()?.unwrap_or_default(),
        name: row.next()?,
        description: row.next()?,
        volume_type_id: row.next()?,
        encryption_key_id: row.next()?,
        group_snapshot_id: row.next()?,
        cgsnapshot_id: row.next()?,
        use_quota: row.next::<Option<_>>()?.unwrap_or(true),
        provider_location: row.next()?,
        provider_id: row.next()?,
        created_at: row.next::<Option<_>>()?.unwrap_or_default(),
        updated_at: row.next()?,
    })
}
