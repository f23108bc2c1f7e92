//! The rows that Cinder's migrations write into a fresh database.
//!
//! Their default quota classes are left out: those rows would freeze the `quota_*` options at the
//! values that they have today.

use ashlar_types::{Timestamp, VolumeTypeId};

use crate::schema::{cinder, render};
use crate::{Arg, DbError, Tx, args};

/// Name of the volume type that is taken when nothing else says which.
const DEFAULT_VOLUME_TYPE: &str = "__DEFAULT__";
/// Name of the group type that consistency groups of old were moved to.
const DEFAULT_GROUP_TYPE: &str = "default_cgsnapshot_type";

/// Writes what is not there yet; the revision last, since with it Cinder's tables count as complete.
pub(super) async fn ensure(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
    ensure_volume_type(tx, now).await?;
    ensure_group_type(tx, now).await?;
    ensure_worker_sentinel(tx, now).await?;
    let insert = "INSERT INTO alembic_version (version_num) VALUES (?)";
    tx.execute(insert, args![cinder::REVISION]).await?;
    Ok(())
}

async fn ensure_volume_type(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
    let present = "SELECT 1 FROM volume_types WHERE name = ? AND deleted = FALSE";
    if tx.row(present, args![DEFAULT_VOLUME_TYPE]).await?.is_some() {
        return Ok(());
    }
    let insert = "INSERT INTO volume_types \
                  (id, name, description, created_at, updated_at, deleted, is_public) \
                  VALUES (?, ?, 'Default Volume Type', ?, ?, FALSE, TRUE)";
    tx.execute(insert, args![VolumeTypeId::random(), DEFAULT_VOLUME_TYPE, now, now]).await?;
    Ok(())
}

async fn ensure_group_type(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
    let present = "SELECT id FROM group_types WHERE name = ? AND deleted = FALSE";
    let id = match tx.row(present, args![DEFAULT_GROUP_TYPE]).await? {
        Some(row) => row.get(0)?,
        None => {
            let id = uuid::Uuid::new_v4().to_string();
            let insert = "INSERT INTO group_types \
                          (id, name, description, created_at, updated_at, deleted, is_public) \
                          VALUES (?, ?, 'Default group type for migrating cgsnapshot', ?, ?, \
                          FALSE, TRUE)";
            tx.execute(insert, args![&id, DEFAULT_GROUP_TYPE, now, now]).await?;
            id
        }
    };
    let present = "SELECT 1 FROM group_type_specs WHERE group_type_id = ? AND deleted = FALSE";
    if tx.row(present, args![&id]).await?.is_some() {
        return Ok(());
    }
    // `key` is a word of SQL
    let (key, value) = (render::quote(tx.engine(), "key"), render::quote(tx.engine(), "value"));
    let insert = format!(
        "INSERT INTO group_type_specs ({key}, {value}, group_type_id, created_at, updated_at, \
         deleted) VALUES ('consistent_group_snapshot_enabled', '<is> True', ?, ?, ?, FALSE)"
    );
    tx.execute(&insert, args![&id, now, now]).await?;
    Ok(())
}

/// Cinder's sign that the workers' moments have fractions of a second.
async fn ensure_worker_sentinel(tx: &mut Tx, now: Timestamp) -> Result<(), DbError> {
    let key: &[Arg<'_>] = args!["SENTINEL", "SUB-SECOND"];
    let present = "SELECT 1 FROM workers WHERE resource_type = ? AND resource_id = ?";
    if tx.row(present, key).await?.is_some() {
        return Ok(());
    }
    let insert = "INSERT INTO workers \
                  (resource_type, resource_id, status, created_at, updated_at, deleted) \
                  VALUES (?, ?, 'OK', ?, ?, FALSE)";
    let row: &[Arg<'_>] = &[key[0].clone(), key[1].clone(), Arg::from(now), Arg::from(now)];
    tx.execute(insert, row).await?;
    Ok(())
}
