//! The columns of `groups`, and a row read into a [`Group`].

use ashlar_types::{Group, GroupStatus};

use crate::DbError;
use crate::row::Reader;

/// The columns in the order in which [`read`] wants them; the table's alias is `t`.
macro_rules! columns {
    () => {
        "t.id, t.project_id, t.user_id, t.cluster_name, t.host, t.availability_zone, t.name, \
         t.description, t.group_type_id, t.status, t.group_snapshot_id, t.source_group_id, \
         t.replication_status, t.created_at, t.updated_at"
    };
}
pub(crate) use columns;

/// Reads the columns; the volume types stay empty, they are rows of another table.
pub(crate) fn read(row: &mut Reader) -> Result<Group, DbError> {
    Ok(Group {
        id: row.next()?,
        project_id: row.next::<Option<_>>()?.unwrap_or_default(),
        user_id: row.next::<Option<_>>()?.unwrap_or_default(),
        cluster_name: row.next()?,
        host: row.next()?,
        availability_zone: row.next()?,
        name: row.next()?,
        description: row.next()?,
        group_type_id: row.next()?,
        // Nobody writes none; whoever finds one cannot know what the group is.
        status: row.next::<Option<_>>()?.unwrap_or(GroupStatus::Error),
        group_snapshot_id: row.next()?,
        source_group_id: row.next()?,
        replication_status: row.next()?,
        volume_types: Vec::new(),
        created_at: row.next::<Option<_>>()?.unwrap_or_default(),
        updated_at: row.next()?,
    })
}
