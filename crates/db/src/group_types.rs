//! Group types: tables `group_types`, `group_type_specs` and `group_type_projects`. The last one says who
//! may use a private type; Cinder's API has no way to fill it, its command line has.

mod list;
mod specs;

use ashlar_types::{GroupType, GroupTypeId, Timestamp};

pub use crate::volume_types::Visibility;
pub use list::{GroupTypeColumn, GroupTypePage, list};
pub use specs::{merge_specs, remove_spec, specs};

use crate::{DbError, Engine, Tx, args, groups};

/// Inserts the type with its specs; `created_at` of the type is not used, `now` is.
///
/// # Errors
/// [`DbError::Duplicate`] when the name or the id is taken.
pub async fn insert(tx: &mut Tx, made: &GroupType, now: Timestamp) -> Result<(), DbError> {
    ensure_free(tx, &made.name, None).await?;
    tx.execute(
        "INSERT INTO group_types (created_at, deleted, id, name, description, is_public) VALUES \
         (?, FALSE, ?, ?, ?, ?)",
        args![now, made.id, &made.name, &made.description, made.is_public],
    )
    .await?;
    merge_specs(tx, made.id, &made.group_specs, now).await
}

/// The table has no unique key on names, so those who name types take turns on its oldest row. Every
/// database has one: the type of the consistency groups of old is made with the tables.
async fn ensure_free(tx: &mut Tx, name: &str, except: Option<GroupTypeId>) -> Result<(), DbError> {
    if tx.engine() != Engine::Sqlite {
        let sql = format!(
            "SELECT id FROM group_types ORDER BY created_at, id LIMIT 1{}",
            tx.engine().for_update()
        );
        tx.rows(&sql, &[]).await?;
    }
    let taken = tx
        .row("SELECT id FROM group_types WHERE name = ? AND deleted = FALSE", args![name])
        .await?;
    match taken {
        Some(row) if Some(row.get::<GroupTypeId>(0)?) != except => {
            Err(DbError::Duplicate(format!("a group type named '{name}' is there").into()))
        }
        _ => Ok(()),
    }
}

/// The type, if `visibility` shows it.
///
/// # Errors
/// [`DbError`].
pub async fn get(
    tx: &mut Tx,
    id: GroupTypeId,
    visibility: &Visibility,
) -> Result<Option<GroupType>, DbError> {
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
) -> Result<Option<GroupType>, DbError> {
    list::one(tx, "t.name = ?", args![name], visibility).await
}

/// Whether the type is there; it stays so until the transaction ends, for whoever makes a group of it.
///
/// # Errors
/// [`DbError`].
pub async fn keep(tx: &mut Tx, id: GroupTypeId) -> Result<bool, DbError> {
    let sql = format!(
        "SELECT id FROM group_types WHERE id = ? AND deleted = FALSE{}",
        tx.engine().for_share()
    );
    Ok(tx.row(&sql, args![id]).await?.is_some())
}

/// Locks the type until the transaction ends, for whoever changes what belongs to it.
///
/// # Errors
/// [`DbError`].
pub async fn lock(tx: &mut Tx, id: GroupTypeId) -> Result<bool, DbError> {
    let sql = format!(
        "SELECT id FROM group_types WHERE id = ? AND deleted = FALSE{}",
        tx.engine().for_update()
    );
    Ok(tx.row(&sql, args![id]).await?.is_some())
}

/// What changes. `None` leaves it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GroupTypeChange<'a> {
    /// Name.
    pub name: Option<&'a str>,
    /// Description.
    pub description: Option<&'a str>,
    /// Whether every project sees it.
    pub is_public: Option<bool>,
}

/// Changes a type; answers whether it is there.
///
/// # Errors
/// [`DbError::Duplicate`] when the new name is taken.
pub async fn update(
    tx: &mut Tx,
    id: GroupTypeId,
    change: &GroupTypeChange<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    if let Some(name) = change.name {
        ensure_free(tx, name, Some(id)).await?;
    }
    let changed = tx
        .execute(
            "UPDATE group_types SET name = COALESCE(?, name), \
             description = COALESCE(?, description), is_public = COALESCE(?, is_public), \
             updated_at = ? WHERE id = ? AND deleted = FALSE",
            args![change.name, change.description, change.is_public, now, id],
        )
        .await?;
    Ok(changed > 0)
}

/// What came of removing a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destroyed {
    /// It is gone.
    Done,
    /// Groups are of this type.
    InUse,
    /// There is no such type (any more).
    Gone,
}

/// Deletes the type with its specs and grants, softly, unless groups are of it.
///
/// # Errors
/// [`DbError`].
pub async fn destroy(tx: &mut Tx, id: GroupTypeId, now: Timestamp) -> Result<Destroyed, DbError> {
    // Whoever makes a group of it has either committed it or waits (`keep`).
    let sql = format!(
        "SELECT id FROM group_types WHERE id = ? AND deleted = FALSE{}",
        tx.engine().for_update()
    );
    if tx.row(&sql, args![id]).await?.is_none() {
        return Ok(Destroyed::Gone);
    }
    if groups::any_of_type(tx, id).await? {
        return Ok(Destroyed::InUse);
    }
    for sql in [
        "UPDATE group_types SET deleted = TRUE, deleted_at = ? WHERE id = ? AND deleted = FALSE",
        "UPDATE group_type_specs SET deleted = TRUE, deleted_at = ? WHERE group_type_id = ? AND \
         deleted = FALSE",
    ] {
        tx.execute(sql, args![now, id]).await?;
    }
    Ok(Destroyed::Done)
}
