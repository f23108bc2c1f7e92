//! The table `image_volume_cache_entries`: volumes that are kept to make others of the same image by cloning.
//!
//! Rows are removed for good, as Cinder does. Nothing keeps two rows of one image on one host apart but the one process
//! that serves the host.

use ashlar_types::{Gib, ImageId, PoolName, Timestamp, VolumeId};

use crate::row::Row;
use crate::{DbError, Tx, args};

/// A volume that holds an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it lives.
    pub host: PoolName,
    /// The image.
    pub image: ImageId,
    /// When the image had changed last, as the volume was made.
    pub image_updated_at: Option<Timestamp>,
    /// The volume.
    pub volume: VolumeId,
    /// Its size.
    pub size: Gib,
    /// When it was last cloned.
    pub last_used: Timestamp,
}

const COLUMNS: &str = "host, image_id, image_updated_at, volume_id, size, last_used";

/// The entry of an image on a host, the one used last when there are several.
///
/// # Errors
/// [`DbError`].
pub async fn get(tx: &mut Tx, host: &PoolName, image: ImageId) -> Result<Option<Entry>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM image_volume_cache_entries WHERE host = ? AND image_id = ? \
         ORDER BY last_used DESC, id DESC LIMIT 1"
    );
    tx.row(&sql, args![host, image]).await?.map(read).transpose()
}

/// All entries of a host, those that were used last first.
///
/// # Errors
/// [`DbError`].
pub async fn of_host(tx: &mut Tx, host: &PoolName) -> Result<Vec<Entry>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM image_volume_cache_entries WHERE host = ? \
         ORDER BY last_used DESC, id DESC"
    );
    tx.rows(&sql, args![host]).await?.into_iter().map(read).collect()
}

/// Adds an entry.
///
/// # Errors
/// [`DbError`].
pub async fn insert(tx: &mut Tx, entry: &Entry) -> Result<(), DbError> {
    let sql =
        format!("INSERT INTO image_volume_cache_entries ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)");
    let e = entry;
    let values = args![&e.host, e.image, e.image_updated_at, e.volume, e.size, e.last_used];
    tx.execute(&sql, values).await.map(drop)
}

/// The volume was cloned.
///
/// # Errors
/// [`DbError`].
pub async fn touch(tx: &mut Tx, volume: VolumeId, now: Timestamp) -> Result<(), DbError> {
    let sql = "UPDATE image_volume_cache_entries SET last_used = ? WHERE volume_id = ?";
    tx.execute(sql, args![now, volume]).await.map(drop)
}

/// Removes the volume's entry; fine when there is none.
///
/// # Errors
/// [`DbError`].
pub async fn remove(tx: &mut Tx, volume: VolumeId) -> Result<(), DbError> {
    let sql = "DELETE FROM image_volume_cache_entries WHERE volume_id = ?";
    tx.execute(sql, args![volume]).await.map(drop)
}

fn read(row: Row) -> Result<Entry, DbError> {
    let mut cells = row.reader();
    Ok(Entry {
        host: cells.next()?,
        image: cells.next()?,
        image_updated_at: cells.next()?,
        volume: cells.next()?,
        size: cells.next()?,
        last_used: cells.next()?,
    })
}

#[cfg(test)]
mod tests {
    use ashlar_types::BackendName;

    use super::*;
    use crate::testing::databases;

    #[tokio::test]
    async fn entries_are_ordered_by_their_last_use_and_go_for_good() {
        for test in databases().await {
            let mut tx = test.db.begin().await.expect("begins");
            let host = BackendName::new("h", "b").pool("p");
            let at = |second: u64| {
                let noon = Timestamp::parse("2026-11-22T12:00:00").expect("a moment");
                noon.after(std::time::Duration::from_secs(second))
            };
            let entry = |second| Entry {
                host: host.clone(),
                image: ImageId::random(),
                image_updated_at: Some(at(0)),
                volume: VolumeId::random(),
                size: Gib(2),
                last_used: at(second),
            };
            let (old, new) = (entry(1), entry(2));
            insert(&mut tx, &old).await.expect("added");
            insert(&mut tx, &new).await.expect("added");
            let listed = of_host(&mut tx, &host).await.expect("listed");
            assert_eq!(listed, [new.clone(), old.clone()]);
            touch(&mut tx, old.volume, at(3)).await.expect("touched");
            let found = get(&mut tx, &host, old.image).await.expect("read").expect("there");
            assert_eq!(found, Entry { last_used: at(3), ..old.clone() });
            assert_eq!(of_host(&mut tx, &host).await.expect("listed")[1], new);
            remove(&mut tx, old.volume).await.expect("removed");
            remove(&mut tx, old.volume).await.expect("fine");
            assert_eq!(get(&mut tx, &host, old.image).await.expect("read"), None);
        }
    }
}
