//! Volume types: tables `volume_types`, `volume_type_extra_specs`, `volume_type_projects` and
//! `default_volume_types`.

mod access;
mod defaults;
mod list;
mod specs;

use ashlar_types::{Timestamp, VolumeType, VolumeTypeId};

pub use access::{grant, projects, revoke};
pub use defaults::{default_of_project, defaults, set_default, unset_default};
pub use list::{TypeColumn, TypeFilter, TypePage, Visibility, list, some};
pub use specs::{merge_specs, remove_spec, specs};

use crate::{DbError, Engine, Tx, args, quotas};

/// Inserts the type with its extra specs; `created_at` of the type is not used, `now` is.
///
/// # Errors
/// [`DbError::Duplicate`] when the name or the id is taken.
pub async fn insert(tx: &mut Tx, made: &VolumeType, now: Timestamp) -> Result<(), DbError> {
    ensure_free(tx, &made.name, None).await?;
    tx.execute(
        "INSERT INTO volume_types (created_at, deleted, id, name, description, is_public, \
         qos_specs_id) VALUES (?, FALSE, ?, ?, ?, ?, ?)",
        args![now, made.id, &made.name, &made.description, made.is_public, &made.qos_specs_id],
    )
    .await?;
    merge_specs(tx, made.id, &made.extra_specs, now).await
}

/// Locks the oldest type there ever was, until the transaction ends: tables whose names are unique without a key that says
/// so are named in by one after the other.
pub(crate) async fn take_turns(tx: &mut Tx) -> Result<(), DbError> {
    if tx.engine() != Engine::Sqlite {
        let sql = format!(
            "SELECT id FROM volume_types ORDER BY created_at, id LIMIT 1{}",
            tx.engine().for_update()
        );
        tx.rows(&sql, &[]).await?;
    }
    Ok(())
}

/// The table has no unique key on names, so those who name types take turns.
async fn ensure_free(tx: &mut Tx, name: &str, except: Option<VolumeTypeId>) -> Result<(), DbError> {
    take_turns(tx).await?;
    let taken = tx
        .row("SELECT id FROM volume_types WHERE name = ? AND deleted = FALSE", args![name])
        .await?;
    match taken {
        Some(row) if Some(row.get::<VolumeTypeId>(0)?) != except => {
            Err(DbError::Duplicate(format!("a volume type named '{name}' is there").into()))
        }
        _ => Ok(()),
    }
}

/// The type, for whoever may see all.
///
/// # Errors
/// [`DbError`].
pub async fn get(tx: &mut Tx, id: VolumeTypeId) -> Result<Option<VolumeType>, DbError> {
    list::one(tx, "t.id = ?", args![id], &Visibility::All).await
}

/// The type, if `visibility` shows it.
///
/// # Errors
/// [`DbError`].
pub async fn get_visible(
    tx: &mut Tx,
    id: VolumeTypeId,
    visibility: &Visibility,
) -> Result<Option<VolumeType>, DbError> {
    list::one(tx, "t.id = ?", args![id], visibility).await
}

/// The type of that name, if `visibility` shows it.
///
/// # Errors
/// [`DbError`].
pub async fn get_by_name(
    tx: &mut Tx,
    name: &str,
    visibility: &Visibility,
) -> Result<Option<VolumeType>, DbError> {
    list::one(tx, "t.name = ?", args![name], visibility).await
}

/// What changes. `None` leaves it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TypeChange<'a> {
    /// Name.
    pub name: Option<&'a str>,
    /// Description; `Some(None)` takes it away.
    pub description: Option<Option<&'a str>>,
    /// Whether every project sees it.
    pub is_public: Option<bool>,
}

/// Changes a type; its quota rows follow its name. Answers whether it is there.
///
/// # Errors
/// [`DbError::Duplicate`] when the new name is taken.
pub async fn update(
    tx: &mut Tx,
    id: VolumeTypeId,
    change: &TypeChange<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    // Before its name is read: another may be giving it a new one.
    if !lock(tx, id).await? {
        return Ok(false);
    }
    let Some(before) = get(tx, id).await? else { return Ok(false) };
    if let Some(name) = change.name.filter(|name| *name != before.name) {
        ensure_free(tx, name, Some(id)).await?;
        quotas::rename_type(tx, &before.name, name, now).await?;
    }
    let changed = tx
        .execute(
            "UPDATE volume_types SET name = COALESCE(?, name), \
             description = CASE WHEN ? THEN ? ELSE description END, \
             is_public = COALESCE(?, is_public), updated_at = ? WHERE id = ? AND deleted = FALSE",
            args![
                change.name,
                change.description.is_some(),
                change.description.flatten(),
                change.is_public,
                now,
                id,
            ],
        )
        .await?;
    Ok(changed > 0)
}

/// The type's name, which stays so until the transaction ends, and the type with it: for whoever takes
/// quota under that name, or gives it back. `None` when the type is gone.
///
/// # Errors
/// [`DbError`].
pub async fn keep_name(tx: &mut Tx, id: VolumeTypeId) -> Result<Option<String>, DbError> {
    let sql = format!(
        "SELECT name FROM volume_types WHERE id = ? AND deleted = FALSE{}",
        tx.engine().for_share()
    );
    tx.row(&sql, args![id]).await?.map(|row| row.get(0)).transpose()
}

/// Locks the type until the transaction ends: nobody makes volumes of it meanwhile. Answers whether it is there.
///
/// # Errors
/// [`DbError`].
pub async fn lock(tx: &mut Tx, id: VolumeTypeId) -> Result<bool, DbError> {
    let sql = format!(
        "SELECT id FROM volume_types WHERE id = ? AND deleted = FALSE{}",
        tx.engine().for_update()
    );
    Ok(tx.row(&sql, args![id]).await?.is_some())
}

/// Some volume is of this type.
///
/// # Errors
/// [`DbError`].
pub async fn in_use(tx: &mut Tx, id: VolumeTypeId) -> Result<bool, DbError> {
    let found = tx
        .row(
            "SELECT 1 FROM volumes WHERE volume_type_id = ? AND deleted = FALSE LIMIT 1",
            args![id],
        )
        .await?;
    Ok(found.is_some())
}

/// What came of removing a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destroyed {
    /// It is gone.
    Done,
    /// Volumes or groups are of this type.
    InUse,
    /// Some project's volumes get it when none is asked for.
    Default,
    /// It is the only one.
    Last,
    /// There is no such type (any more).
    Gone,
}

/// Deletes the type with its specs, grants and encryption, softly, unless it is in use or the only one.
///
/// # Errors
/// [`DbError`].
pub async fn destroy(tx: &mut Tx, id: VolumeTypeId, now: Timestamp) -> Result<Destroyed, DbError> {
    // Locked together, so that two who remove the last two cannot both find the other's.
    let sql = format!(
        "SELECT id FROM volume_types WHERE deleted = FALSE ORDER BY id{}",
        tx.engine().for_update()
    );
    let mut there = Vec::new();
    for mut row in tx.rows(&sql, &[]).await? {
        there.push(row.take::<VolumeTypeId>(0)?);
    }
    if !there.contains(&id) {
        return Ok(Destroyed::Gone);
    }
    if there.len() == 1 {
        return Ok(Destroyed::Last);
    }
    let grouped = tx
        .row(
            "SELECT 1 FROM group_volume_type_mapping WHERE volume_type_id = ? AND deleted = FALSE \
             LIMIT 1",
            args![id],
        )
        .await?;
    if grouped.is_some() || in_use(tx, id).await? {
        return Ok(Destroyed::InUse);
    }
    if defaults::is_default(tx, id).await? {
        return Ok(Destroyed::Default);
    }
    for sql in [
        "UPDATE volume_types SET deleted = TRUE, deleted_at = ? WHERE id = ? AND deleted = FALSE",
        "UPDATE volume_type_extra_specs SET deleted = TRUE, deleted_at = ? WHERE \
         volume_type_id = ? AND deleted = FALSE",
        "UPDATE volume_type_projects SET deleted = id, deleted_at = ? WHERE volume_type_id = ? \
         AND deleted = 0",
        "UPDATE encryption SET deleted = TRUE, deleted_at = ? WHERE volume_type_id = ? AND \
         deleted = FALSE",
    ] {
        tx.execute(sql, args![now, id]).await?;
    }
    Ok(Destroyed::Done)
}
