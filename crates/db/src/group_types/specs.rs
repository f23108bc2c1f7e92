//! Specs of group types.

use std::collections::HashMap;

use ashlar_types::volume_type::ExtraSpecs;
use ashlar_types::{GroupTypeId, Timestamp};

use crate::{Arg, DbError, Tx, args, sql};

/// All specs of the type.
///
/// # Errors
/// [`DbError`].
pub async fn specs(tx: &mut Tx, id: GroupTypeId) -> Result<ExtraSpecs, DbError> {
    Ok(specs_of_many(tx, &[id]).await?.remove(&id).unwrap_or_default())
}

pub(super) async fn specs_of_many(
    tx: &mut Tx,
    ids: &[GroupTypeId],
) -> Result<HashMap<GroupTypeId, ExtraSpecs>, DbError> {
    let mut found: HashMap<GroupTypeId, ExtraSpecs> = HashMap::new();
    for part in ids.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!(
            "SELECT group_type_id, \"key\", value FROM group_type_specs WHERE \
             group_type_id IN ({}) AND deleted = FALSE",
            sql::places(part.len())
        );
        let values: Vec<_> = part.into_iter().map(Arg::from).collect();
        for row in tx.rows(&sql, &values).await? {
            let mut row = row.reader();
            let id: GroupTypeId = row.next()?;
            let key: Option<String> = row.next()?;
            found.entry(id).or_default().insert(key.unwrap_or_default(), row.next()?);
        }
    }
    Ok(found)
}

/// The type's rows: number, key, value.
async fn stored(
    tx: &mut Tx,
    id: GroupTypeId,
) -> Result<Vec<(i64, String, Option<String>)>, DbError> {
    let rows = tx
        .rows(
            "SELECT id, \"key\", value FROM group_type_specs WHERE group_type_id = ? AND \
             deleted = FALSE",
            args![id],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let key: Option<String> = row.take(1)?;
            Ok((row.take(0)?, key.unwrap_or_default(), row.take(2)?))
        })
        .collect()
}

/// Sets the specs and leaves all others.
///
/// # Errors
/// [`DbError`].
pub async fn merge_specs(
    tx: &mut Tx,
    id: GroupTypeId,
    specs: &ExtraSpecs,
    now: Timestamp,
) -> Result<(), DbError> {
    let rows = stored(tx, id).await?;
    for (key, value) in specs {
        match rows.iter().find(|(_, known, _)| known == key) {
            Some((_, _, known)) if known == value => {}
            Some((row, _, _)) => {
                tx.execute(
                    "UPDATE group_type_specs SET value = ?, updated_at = ? WHERE id = ?",
                    args![value, now, *row],
                )
                .await?;
            }
            None => {
                tx.execute(
                    "INSERT INTO group_type_specs (created_at, deleted, group_type_id, \
                     \"key\", value) VALUES (?, FALSE, ?, ?, ?)",
                    args![now, id, key, value],
                )
                .await?;
            }
        }
    }
    Ok(())
}

/// Removes one spec; answers whether it was there.
///
/// # Errors
/// [`DbError`].
pub async fn remove_spec(
    tx: &mut Tx,
    id: GroupTypeId,
    key: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let mut removed = false;
    for (row, known, _) in stored(tx, id).await? {
        if known == key {
            tx.execute(
                "UPDATE group_type_specs SET deleted = TRUE, deleted_at = ? WHERE id = ?",
                args![now, row],
            )
            .await?;
            removed = true;
        }
    }
    Ok(removed)
}
