//! The table `transfers`: offers of volumes to other projects.
//!
//! Whoever makes, accepts or withdraws an offer locks the volume's row first and the offer's after it.

mod list;
mod owner;

use std::fmt;

use ashlar_types::{Timestamp, Transfer, TransferId};

pub use list::{TransferColumn, TransferFilter, TransferPage, list};
pub use owner::{give_snapshots, give_volume, snapshots_for_update};

use crate::row::Reader;
use crate::{DbError, Tx, args};

/// What the key of an offer is checked with. The key itself is stored nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Seal {
    /// What was mixed in.
    pub salt: String,
    /// The digest, in hexadecimal digits.
    pub crypt_hash: String,
}

/// Nothing of it: with both, keys can be tried in peace.
impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(..)")
    }
}

/// The columns in the order in which [`read`] wants them.
macro_rules! columns {
    () => {
        "t.id, t.volume_id, t.display_name, t.no_snapshots, t.source_project_id, \
         t.destination_project_id, t.accepted, t.created_at"
    };
}

const SELECT: &str = concat!("SELECT ", columns!(), " FROM transfers t");
const SELECT_SEALED: &str =
    concat!("SELECT ", columns!(), ", t.salt, t.crypt_hash FROM transfers t");

fn read(row: &mut Reader) -> Result<Transfer, DbError> {
    Ok(Transfer {
        id: row.next()?,
        volume_id: row.next()?,
        name: row.next()?,
        // NULL in rows from before Cinder had the column: snapshots went along then.
        no_snapshots: row.next::<Option<_>>()?.unwrap_or(false),
        source_project_id: row.next()?,
        destination_project_id: row.next()?,
        accepted: row.next::<Option<_>>()?.unwrap_or(false),
        created_at: row.next()?,
    })
}

/// Stores an offer; `created_at` of the offer is not used, `now` is.
///
/// # Errors
/// [`DbError`].
pub async fn insert(
    tx: &mut Tx,
    transfer: &Transfer,
    seal: &Seal,
    now: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO transfers (created_at, deleted, id, volume_id, display_name, salt, crypt_hash, \
         no_snapshots, source_project_id, accepted) VALUES (?, FALSE, ?, ?, ?, ?, ?, ?, ?, FALSE)",
        args![
            now,
            transfer.id,
            transfer.volume_id,
            &transfer.name,
            seal.salt.as_str(),
            seal.crypt_hash.as_str(),
            transfer.no_snapshots,
            &transfer.source_project_id,
        ],
    )
    .await
    .map(drop)
}

/// The offer, if it is there and its volume is `project`'s (anybody's when none).
///
/// # Errors
/// [`DbError`].
pub async fn get(
    tx: &mut Tx,
    id: TransferId,
    project: Option<&str>,
) -> Result<Option<Transfer>, DbError> {
    let mut sql = format!("{SELECT} WHERE t.id = ? AND t.deleted = FALSE");
    let mut values = args![id].to_vec();
    if let Some(project) = project {
        sql.push_str(
            " AND EXISTS (SELECT 1 FROM volumes v WHERE v.id = t.volume_id AND v.project_id = ?)",
        );
        values.push(project.into());
    }
    tx.row(&sql, &values).await?.map(|row| read(&mut row.reader())).transpose()
}

/// The offer with what its key is checked with; nobody else changes the row until the transaction ends.
///
/// # Errors
/// [`DbError`].
pub async fn get_for_update(
    tx: &mut Tx,
    id: TransferId,
) -> Result<Option<(Transfer, Seal)>, DbError> {
    let lock = tx.engine().for_update();
    let sql = format!("{SELECT_SEALED} WHERE t.id = ? AND t.deleted = FALSE{lock}");
    let Some(row) = tx.row(&sql, args![id]).await? else { return Ok(None) };
    let mut row = row.reader();
    let transfer = read(&mut row)?;
    let seal = Seal {
        salt: row.next::<Option<_>>()?.unwrap_or_default(),
        crypt_hash: row.next::<Option<_>>()?.unwrap_or_default(),
    };
    Ok(Some((transfer, seal)))
}

/// Marks the offer as accepted by `project`. It is gone with that, as in Cinder, which leaves
/// `updated_at` alone; answers whether it was there.
///
/// # Errors
/// [`DbError`].
pub async fn accept(
    tx: &mut Tx,
    id: TransferId,
    project: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE transfers SET deleted = TRUE, deleted_at = ?, destination_project_id = ?, \
             accepted = TRUE WHERE id = ? AND deleted = FALSE",
            args![now, project, id],
        )
        .await?;
    Ok(changed > 0)
}

/// Deletes the offer, softly; answers whether it was there.
///
/// # Errors
/// [`DbError`].
pub async fn destroy(tx: &mut Tx, id: TransferId, now: Timestamp) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE transfers SET deleted = TRUE, deleted_at = ? WHERE id = ? AND deleted = FALSE",
            args![now, id],
        )
        .await?;
    Ok(changed > 0)
}
