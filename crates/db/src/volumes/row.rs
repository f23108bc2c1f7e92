//! The columns of `volumes` that the house knows, and a row read into a [`Volume`].

use ashlar_types::{AttachStatus, Volume, VolumeId};

use crate::DbError;
use crate::row::Reader;

/// The columns in the order in which [`read`] wants them; the table's alias is `t`.
macro_rules! columns {
    () => {
        "t.id, t._name_id, t.project_id, t.user_id, t.host, t.cluster_name, t.size, \
         t.availability_zone, t.status, t.previous_status, t.attach_status, t.migration_status, \
         t.snapshot_id, t.source_volid, t.volume_type_id, t.display_name, t.display_description, \
         t.bootable, t.multiattach, t.use_quota, t.encryption_key_id, t.consistencygroup_id, \
         t.group_id, t.provider_location, t.provider_id, t.replication_status, t.service_uuid, \
         t.shared_targets, t.scheduled_at, t.launched_at, t.terminated_at, t.created_at, \
         t.updated_at"
    };
}
pub(crate) use columns;

/// Reads the columns. Cinder allows NULL in most of them; what it means there is what Cinder takes it
/// for.
pub(crate) fn read(row: &mut Reader) -> Result<Volume, DbError> {
    Ok(Volume {
        id: row.next()?,
        name_id: row.next::<Option<VolumeId>>()?,
        project_id: row.next::<Option<_>>()?.unwrap_or_default(),
        user_id: row.next::<Option<_>>()?.unwrap_or_default(),
        host: row.next()?,
        cluster_name: row.next()?,
        size: row.next::<Option<_>>()?.unwrap_or_default(),
        availability_zone: row.next()?,
        status: row.next()?,
        previous_status: row.next()?,
        attach_status: row.next::<Option<_>>()?.unwrap_or(AttachStatus::Detached),
        migration_status: row.next()?,
        snapshot_id: row.next()?,
        source_volid: row.next()?,
        volume_type_id: row.next()?,
        name: row.next()?,
        description: row.next()?,
        bootable: row.next::<Option<_>>()?.unwrap_or(false),
        multiattach: row.next::<Option<_>>()?.unwrap_or(false),
        use_quota: row.next::<Option<_>>()?.unwrap_or(true),
        encryption_key_id: row.next()?,
        consistencygroup_id: row.next()?,
        group_id: row.next()?,
        provider_location: row.next()?,
        provider_id: row.next()?,
        replication_status: row.next()?,
        service_uuid: row.next()?,
        shared_targets: row.next()?,
        scheduled_at: row.next()?,
        launched_at: row.next()?,
        terminated_at: row.next()?,
        created_at: row.next::<Option<_>>()?.unwrap_or_default(),
        updated_at: row.next()?,
    })
}
