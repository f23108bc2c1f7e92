//! Key and value pairs on volumes and snapshots: four tables of one shape. Rows are deleted softly.

use std::collections::{BTreeMap, HashMap};

use ashlar_types::{Metadata, SnapshotId, Timestamp, VolumeId};

use crate::{Arg, DbError, Engine, Tx, args, sql};

/// Whose metadata, and of which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// What users put on a volume.
    Volume(VolumeId),
    /// What the house puts on a volume (`readonly`, `attached_mode`); administrators see it.
    VolumeAdmin(VolumeId),
    /// The image that a volume was made from (`volume_image_metadata`).
    VolumeImage(VolumeId),
    /// What users put on a snapshot.
    Snapshot(SnapshotId),
    /// The image that a snapshot's volume was made from.
    SnapshotImage(SnapshotId),
}

impl Of {
    /// Table, column that names the owner, table of the owner.
    pub(crate) const fn place(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Volume(_) => ("volume_metadata", "volume_id", "volumes"),
            Self::VolumeAdmin(_) => ("volume_admin_metadata", "volume_id", "volumes"),
            Self::VolumeImage(_) => ("volume_glance_metadata", "volume_id", "volumes"),
            Self::Snapshot(_) => ("snapshot_metadata", "snapshot_id", "snapshots"),
            Self::SnapshotImage(_) => ("volume_glance_metadata", "snapshot_id", "snapshots"),
        }
    }

    fn owner(self) -> Arg<'static> {
        match self {
            Self::Volume(id) | Self::VolumeAdmin(id) | Self::VolumeImage(id) => Arg::from(id),
            Self::Snapshot(id) | Self::SnapshotImage(id) => Arg::from(id),
        }
    }
}

/// All pairs.
///
/// # Errors
/// [`DbError`].
pub async fn get(tx: &mut Tx, of: Of) -> Result<Metadata, DbError> {
    Ok(stored(tx, of).await?.into_iter().map(|row| (row.key, row.value)).collect())
}

/// Adds pairs whose keys are known to be new: the owner was just made.
///
/// # Errors
/// [`DbError`].
pub async fn insert(
    tx: &mut Tx,
    of: Of,
    metadata: &Metadata,
    now: Timestamp,
) -> Result<(), DbError> {
    let pairs: Vec<_> = metadata.iter().collect();
    insert_pairs(tx, of, &pairs, now).await
}

/// Sets the pairs and leaves all others. Answers everything that is there afterwards.
///
/// # Errors
/// [`DbError`].
pub async fn merge(
    tx: &mut Tx,
    of: Of,
    metadata: &Metadata,
    now: Timestamp,
) -> Result<Metadata, DbError> {
    write(tx, of, metadata, false, now).await
}

/// Sets the pairs and removes all others. Answers everything that is there afterwards.
///
/// # Errors
/// [`DbError`].
pub async fn replace(
    tx: &mut Tx,
    of: Of,
    metadata: &Metadata,
    now: Timestamp,
) -> Result<Metadata, DbError> {
    write(tx, of, metadata, true, now).await
}

/// Removes one pair; answers whether it was there.
///
/// # Errors
/// [`DbError`].
pub async fn remove(tx: &mut Tx, of: Of, key: &str, now: Timestamp) -> Result<bool, DbError> {
    let rows = stored(tx, of).await?;
    let ids: Vec<i64> = rows.iter().filter(|row| row.key == key).map(|row| row.id).collect();
    delete_rows(tx, of, &ids, now).await?;
    Ok(!ids.is_empty())
}

/// Removes all pairs.
///
/// # Errors
/// [`DbError`].
pub async fn destroy(tx: &mut Tx, of: Of, now: Timestamp) -> Result<(), DbError> {
    let (table, owner, _) = of.place();
    let sql = format!(
        "UPDATE {table} SET deleted = TRUE, deleted_at = ? WHERE {owner} = ? AND deleted = FALSE"
    );
    tx.execute(&sql, args![now, &of.owner()]).await.map(drop)
}

/// One stored pair.
struct Stored {
    id: i64,
    key: String,
    value: String,
}

async fn stored(tx: &mut Tx, of: Of) -> Result<Vec<Stored>, DbError> {
    let (table, owner, _) = of.place();
    let sql = format!(
        "SELECT id, \"key\", value FROM {table} WHERE {owner} = ? AND deleted = FALSE ORDER BY id"
    );
    let mut found = Vec::new();
    for row in tx.rows(&sql, &[of.owner()]).await? {
        let mut row = row.reader();
        found.push(Stored {
            id: row.next()?,
            key: row.next::<Option<_>>()?.unwrap_or_default(),
            value: row.next::<Option<_>>()?.unwrap_or_default(),
        });
    }
    Ok(found)
}

/// Keys are compared here and not by the server, which may not tell `A` from `a`.
async fn write(
    tx: &mut Tx,
    of: Of,
    metadata: &Metadata,
    only_these: bool,
    now: Timestamp,
) -> Result<Metadata, DbError> {
    lock_owner(tx, of).await?;
    let (table, ..) = of.place();
    let mut after = Metadata::new();
    let mut unwanted = Vec::new();
    for row in stored(tx, of).await? {
        match metadata.get(&row.key) {
            Some(value) if *value != row.value => {
                let sql = format!("UPDATE {table} SET value = ?, updated_at = ? WHERE id = ?");
                tx.execute(&sql, args![value, now, row.id]).await?;
                after.insert(row.key, value.clone());
            }
            None if only_these => unwanted.push(row.id),
            _ => drop(after.insert(row.key, row.value)),
        }
    }
    delete_rows(tx, of, &unwanted, now).await?;
    let fresh: Vec<_> = metadata.iter().filter(|(key, _)| !after.contains_key(*key)).collect();
    insert_pairs(tx, of, &fresh, now).await?;
    after.extend(fresh.into_iter().map(|(key, value)| (key.clone(), value.clone())));
    Ok(after)
}

/// Two who add the same key at once would add it twice, so they take turns on the owner's row.
async fn lock_owner(tx: &mut Tx, of: Of) -> Result<(), DbError> {
    if tx.engine() == Engine::Sqlite {
        return Ok(());
    }
    let (_, _, table) = of.place();
    let sql = format!("SELECT 1 FROM {table} WHERE id = ?{}", tx.engine().for_update());
    tx.rows(&sql, &[of.owner()]).await.map(drop)
}

async fn insert_pairs(
    tx: &mut Tx,
    of: Of,
    pairs: &[(&String, &String)],
    now: Timestamp,
) -> Result<(), DbError> {
    let (table, owner, _) = of.place();
    for part in pairs.chunks(sql::IN_LIST) {
        let rows = vec!["(?, FALSE, ?, ?, ?)"; part.len()].join(", ");
        let sql = format!(
            "INSERT INTO {table} (created_at, deleted, {owner}, \"key\", value) VALUES {rows}"
        );
        let mut values = Vec::with_capacity(part.len() * 4);
        for (key, value) in part {
            values.extend([Arg::from(now), of.owner(), Arg::from(*key), Arg::from(*value)]);
        }
        tx.execute(&sql, &values).await?;
    }
    Ok(())
}

async fn delete_rows(tx: &mut Tx, of: Of, ids: &[i64], now: Timestamp) -> Result<(), DbError> {
    let (table, ..) = of.place();
    for part in ids.chunks(sql::IN_LIST) {
        let sql = format!(
            "UPDATE {table} SET deleted = TRUE, deleted_at = ? WHERE id IN ({})",
            sql::places(part.len())
        );
        let mut values = vec![Arg::from(now)];
        values.extend(part.iter().copied().map(Arg::from));
        tx.execute(&sql, &values).await?;
    }
    Ok(())
}

/// The pairs of many owners of one kind, by owner's id as text.
pub(crate) async fn of_many(
    tx: &mut Tx,
    table: &str,
    owner: &str,
    ids: &[String],
) -> Result<HashMap<String, Metadata>, DbError> {
    let mut found: HashMap<String, Metadata> = HashMap::new();
    for part in ids.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!(
            "SELECT {owner}, \"key\", value FROM {table} WHERE {owner} IN ({}) AND deleted = FALSE",
            sql::places(part.len())
        );
        let values: Vec<Arg<'_>> = part.iter().map(Arg::from).collect();
        for row in tx.rows(&sql, &values).await? {
            let mut row = row.reader();
            let owner: String = row.next()?;
            let key: Option<String> = row.next()?;
            let value: Option<String> = row.next()?;
            let pairs: &mut BTreeMap<_, _> = found.entry(owner).or_default();
            pairs.insert(key.unwrap_or_default(), value.unwrap_or_default());
        }
    }
    Ok(found)
}
