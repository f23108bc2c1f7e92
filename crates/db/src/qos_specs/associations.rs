//! Which volume types have which QoS specs: the column `qos_specs_id` of `volume_types`. The specs' row is locked before a
//! type's.

use ashlar_types::{QosSpecsId, Timestamp, VolumeTypeId};

use super::write::lock;
use crate::{DbError, Tx, args};

/// What came of giving a type its specs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Associated {
    /// It has them, perhaps had them before.
    Done,
    /// It has these others.
    Other(QosSpecsId),
    /// There is no such type.
    NoType,
    /// There are no such specs.
    NoSpecs,
}

/// The types that have the specs, by name: identity and name.
///
/// # Errors
/// [`DbError`].
pub async fn associations(
    tx: &mut Tx,
    id: QosSpecsId,
) -> Result<Vec<(VolumeTypeId, String)>, DbError> {
    let rows = tx
        .rows(
            "SELECT id, name FROM volume_types WHERE qos_specs_id = ? AND deleted = FALSE ORDER BY \
             name, id",
            args![id],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take(0)?, row.take::<Option<String>>(1)?.unwrap_or_default())))
        .collect()
}

/// Gives the type the specs, unless it has others.
///
/// # Errors
/// [`DbError`].
pub async fn associate(
    tx: &mut Tx,
    id: QosSpecsId,
    to: VolumeTypeId,
    now: Timestamp,
) -> Result<Associated, DbError> {
    if !lock(tx, id).await? {
        return Ok(Associated::NoSpecs);
    }
    let sql = format!(
        "SELECT qos_specs_id FROM volume_types WHERE id = ? AND deleted = FALSE{}",
        tx.engine().for_update()
    );
    let Some(mut row) = tx.row(&sql, args![to]).await? else { return Ok(Associated::NoType) };
    let known: Option<QosSpecsId> = row.take(0)?;
    match known {
        Some(known) if known == id => return Ok(Associated::Done),
        // What a type refers to may have been deleted under it by somebody else than us.
        Some(other) if super::get(tx, other).await?.is_some() => {
            return Ok(Associated::Other(other));
        }
        _ => {}
    }
    tx.execute(
        "UPDATE volume_types SET qos_specs_id = ?, updated_at = ? WHERE id = ?",
        args![id, now, to],
    )
    .await?;
    Ok(Associated::Done)
}

/// Takes the specs away from the type. One that has others keeps them, as in Cinder.
///
/// # Errors
/// [`DbError`].
pub async fn disassociate(
    tx: &mut Tx,
    id: QosSpecsId,
    from: VolumeTypeId,
    now: Timestamp,
) -> Result<Associated, DbError> {
    if !lock(tx, id).await? {
        return Ok(Associated::NoSpecs);
    }
    let sql = "SELECT 1 FROM volume_types WHERE id = ? AND deleted = FALSE";
    if tx.row(sql, args![from]).await?.is_none() {
        return Ok(Associated::NoType);
    }
    tx.execute(
        "UPDATE volume_types SET qos_specs_id = NULL, updated_at = ? WHERE id = ? AND \
         qos_specs_id = ?",
        args![now, from, id],
    )
    .await?;
    Ok(Associated::Done)
}

/// Takes the specs away from all types; answers whether the specs are there.
///
/// # Errors
/// [`DbError`].
pub async fn disassociate_all(
    tx: &mut Tx,
    id: QosSpecsId,
    now: Timestamp,
) -> Result<bool, DbError> {
    if !lock(tx, id).await? {
        return Ok(false);
    }
    // Rows are locked in one order, which an UPDATE alone does not promise.
    let sql = format!(
        "SELECT id FROM volume_types WHERE qos_specs_id = ? ORDER BY id{}",
        tx.engine().for_update()
    );
    tx.rows(&sql, args![id]).await?;
    tx.execute(
        "UPDATE volume_types SET qos_specs_id = NULL, updated_at = ? WHERE qos_specs_id = ?",
        args![now, id],
    )
    .await?;
    Ok(true)
}
