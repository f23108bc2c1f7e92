//! Specs of types, keys with values: volume types and group types keep them in tables of one shape.

use std::collections::HashMap;
use std::hash::Hash;

use ashlar_types::Timestamp;
use ashlar_types::volume_type::ExtraSpecs;

use crate::{Arg, DbError, FromCell, Tx, args, sql};

/// Where the specs of one kind of type stand.
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: &'static str,
    /// The column with the type's identity.
    pub(crate) owner: &'static str,
}

/// The identity of a type.
pub(crate) trait Id: Copy + Eq + Hash + FromCell + for<'a> Into<Arg<'a>> {}

impl<T: Copy + Eq + Hash + FromCell + for<'a> Into<Arg<'a>>> Id for T {}

/// The specs of each type that has any.
pub(crate) async fn of_many<I: Id>(
    tx: &mut Tx,
    Table { name, owner }: &Table,
    ids: &[I],
) -> Result<HashMap<I, ExtraSpecs>, DbError> {
    let mut found: HashMap<I, ExtraSpecs> = HashMap::new();
    for part in ids.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!(
            "SELECT {owner}, \"key\", value FROM {name} WHERE {owner} IN ({}) AND deleted = FALSE",
            sql::places(part.len())
        );
        let values: Vec<_> = part.into_iter().map(Into::into).collect();
        for row in tx.rows(&sql, &values).await? {
            let mut row = row.reader();
            let id: I = row.next()?;
            let key: Option<String> = row.next()?;
            found.entry(id).or_default().insert(key.unwrap_or_default(), row.next()?);
        }
    }
    Ok(found)
}

/// The type's rows: number, key, value.
async fn stored<I: Id>(
    tx: &mut Tx,
    Table { name, owner }: &Table,
    id: I,
) -> Result<Vec<(i64, String, Option<String>)>, DbError> {
    let sql =
        format!("SELECT id, \"key\", value FROM {name} WHERE {owner} = ? AND deleted = FALSE");
    tx.rows(&sql, &[id.into()])
        .await?
        .into_iter()
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
pub(crate) async fn merge<I: Id>(
    tx: &mut Tx,
    table: &Table,
    id: I,
    specs: &ExtraSpecs,
    now: Timestamp,
) -> Result<(), DbError> {
    let Table { name, owner } = table;
    let rows = stored(tx, table, id).await?;
    let update = format!("UPDATE {name} SET value = ?, updated_at = ? WHERE id = ?");
    let insert = format!(
        "INSERT INTO {name} (created_at, deleted, {owner}, \"key\", value) \
         VALUES (?, FALSE, ?, ?, ?)"
    );
    for (key, value) in specs {
        match rows.iter().find(|(_, known, _)| known == key) {
            Some((_, _, known)) if known == value => {}
            Some((row, _, _)) => {
                tx.execute(&update, args![value, now, *row]).await?;
            }
            None => {
                tx.execute(&insert, &[now.into(), id.into(), key.into(), value.into()]).await?;
            }
        }
    }
    Ok(())
}

/// Removes one spec; answers whether it was there.
///
/// # Errors
/// [`DbError`].
pub(crate) async fn remove<I: Id>(
    tx: &mut Tx,
    table: &Table,
    id: I,
    key: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = format!("UPDATE {} SET deleted = TRUE, deleted_at = ? WHERE id = ?", table.name);
    let mut removed = false;
    for (row, known, _) in stored(tx, table, id).await? {
        if known == key {
            tx.execute(&sql, args![now, row]).await?;
            removed = true;
        }
    }
    Ok(removed)
}
