//! The columns of `group_snapshots`, and a row read into a [`GroupSnapshot`].

use ashlar_types::GroupSnapshot;

use crate::DbError;
use crate::row::Reader;

/// The columns in the order in which [`read`] wants them; the table's alias is `t`.
macro_rules! columns {
    () => {
        "t.id, t.group_id, t.project_id, t.user_id, t.name, t.description, t.status, \
         t.group_type_id, t.created_at, t.updated_at"
    };
}
pub(super) use columns;

/// Reads the columns.
pub(super) fn read(row: &mut Reader) -> Result<GroupSnapshot, DbError> {
    Ok(GroupSnapshot {
        id: row.next()?,
        group_id: row.next()?,
        project_id: row.next::<Option<_>>()?.unwrap_or_default(),
        user_id: row.next::<Option<_>>()?.unwrap_or_default(),
        name: row.next()?,
        description: row.next()?,
        status: row.next()?,
        group_type_id: row.next()?,
        created_at: row.next::<Option<_>>()?.unwrap_or_default(),
        updated_at: row.next()?,
    })
}
