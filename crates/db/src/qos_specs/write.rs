//! Making, changing and removing QoS specs. Whoever changes one locks its row first.

use std::collections::BTreeMap;

use ashlar_types::{QosConsumer, QosSpecs, QosSpecsId, Timestamp};
use uuid::Uuid;

use super::{CONSUMER, NAME, disassociate_all};
use crate::{DbError, Tx, args, volume_types};

/// Inserts the specs; their `created_at` is not used, `now` is.
///
/// # Errors
/// [`DbError::Duplicate`] when the name is taken.
pub async fn insert(tx: &mut Tx, made: &QosSpecs, now: Timestamp) -> Result<(), DbError> {
    // The table has no unique key on names and may be empty, so those who name specs take turns on a row that is there
    // always.
    volume_types::take_turns(tx).await?;
    let taken = tx
        .row(
            "SELECT id FROM quality_of_service_specs WHERE \"key\" = ? AND value = ? AND \
             specs_id IS NULL AND deleted = FALSE",
            args![NAME, &made.name],
        )
        .await?;
    if taken.is_some() {
        let text = format!("QoS specs named '{}' are there", made.name);
        return Err(DbError::Duplicate(text.into()));
    }
    tx.execute(
        "INSERT INTO quality_of_service_specs (created_at, deleted, id, \"key\", value) VALUES \
         (?, FALSE, ?, ?, ?)",
        args![now, made.id, NAME, &made.name],
    )
    .await?;
    add(tx, made.id, CONSUMER, Some(made.consumer.as_str()), now).await?;
    for (key, value) in &made.specs {
        add(tx, made.id, key, value.as_deref(), now).await?;
    }
    Ok(())
}

async fn add(
    tx: &mut Tx,
    id: QosSpecsId,
    key: &str,
    value: Option<&str>,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO quality_of_service_specs (created_at, deleted, id, specs_id, \"key\", value) \
         VALUES (?, FALSE, ?, ?, ?, ?)",
        args![now, Uuid::new_v4().to_string(), id, key, value],
    )
    .await
    .map(drop)
}

/// Locks the row of the specs; answers whether they are there.
pub(super) async fn lock(tx: &mut Tx, id: QosSpecsId) -> Result<bool, DbError> {
    let sql = format!(
        "SELECT id FROM quality_of_service_specs WHERE id = ? AND \"key\" = ? AND specs_id IS NULL \
         AND deleted = FALSE{}",
        tx.engine().for_update()
    );
    Ok(tx.row(&sql, args![id, NAME]).await?.is_some())
}

/// The rows of the keys: identity, key, value.
async fn stored(
    tx: &mut Tx,
    id: QosSpecsId,
) -> Result<Vec<(String, String, Option<String>)>, DbError> {
    let rows = tx
        .rows(
            "SELECT id, \"key\", value FROM quality_of_service_specs WHERE specs_id = ? AND \
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

/// Sets these keys, and the consumer if there is a new one, and leaves all others. Answers how many keys there are then,
/// the consumer not counted; `None` when the specs are not there.
///
/// # Errors
/// [`DbError`].
pub async fn merge(
    tx: &mut Tx,
    id: QosSpecsId,
    specs: &BTreeMap<String, Option<String>>,
    consumer: Option<QosConsumer>,
    now: Timestamp,
) -> Result<Option<usize>, DbError> {
    if !lock(tx, id).await? {
        return Ok(None);
    }
    let rows = stored(tx, id).await?;
    let mut count = rows.iter().filter(|(_, key, _)| key != CONSUMER).count();
    let consumer = consumer.map(|consumer| (CONSUMER, Some(consumer.as_str())));
    let wanted = specs.iter().map(|(key, value)| (key.as_str(), value.as_deref()));
    for (key, value) in wanted.chain(consumer) {
        match rows.iter().find(|(_, known, _)| known == key) {
            Some((_, _, known)) if known.as_deref() == value => {}
            Some((row, _, _)) => {
                tx.execute(
                    "UPDATE quality_of_service_specs SET value = ?, updated_at = ? WHERE id = ?",
                    args![value, now, row],
                )
                .await?;
            }
            None => {
                add(tx, id, key, value, now).await?;
                count += usize::from(key != CONSUMER);
            }
        }
    }
    Ok(Some(count))
}

/// What came of removing keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// They are gone.
    Done,
    /// This one is not there; none was removed.
    NoKey(String),
    /// There are no such specs.
    Gone,
}

/// Removes these keys, or none. The consumer is no key.
///
/// # Errors
/// [`DbError`].
pub async fn remove_keys(
    tx: &mut Tx,
    id: QosSpecsId,
    keys: &[&str],
    now: Timestamp,
) -> Result<Removed, DbError> {
    if !lock(tx, id).await? {
        return Ok(Removed::Gone);
    }
    let rows = stored(tx, id).await?;
    let there =
        |key: &&str| *key != CONSUMER && rows.iter().any(|(_, known, _)| known.as_str() == *key);
    if let Some(missing) = keys.iter().find(|key| !there(key)) {
        return Ok(Removed::NoKey((*missing).to_owned()));
    }
    for (row, _, _) in rows.iter().filter(|(_, known, _)| keys.contains(&known.as_str())) {
        tx.execute(
            "UPDATE quality_of_service_specs SET deleted = TRUE, deleted_at = ? WHERE id = ?",
            args![now, row],
        )
        .await?;
    }
    Ok(Removed::Done)
}

/// What came of removing specs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destroyed {
    /// They are gone.
    Done,
    /// Some volume type has them.
    InUse,
    /// There are no such specs (any more).
    Gone,
}

/// Deletes the specs with their keys, softly. Those that types have stay, unless `force` takes them away from the types.
///
/// # Errors
/// [`DbError`].
pub async fn destroy(
    tx: &mut Tx,
    id: QosSpecsId,
    force: bool,
    now: Timestamp,
) -> Result<Destroyed, DbError> {
    if !lock(tx, id).await? {
        return Ok(Destroyed::Gone);
    }
    if force {
        disassociate_all(tx, id, now).await?;
    } else {
        let sql = "SELECT 1 FROM volume_types WHERE qos_specs_id = ? AND deleted = FALSE LIMIT 1";
        if tx.row(sql, args![id]).await?.is_some() {
            return Ok(Destroyed::InUse);
        }
    }
    for column in ["specs_id", "id"] {
        let sql = format!(
            "UPDATE quality_of_service_specs SET deleted = TRUE, deleted_at = ? WHERE {column} = ? \
             AND deleted = FALSE"
        );
        tx.execute(&sql, args![now, id]).await?;
    }
    Ok(Destroyed::Done)
}
