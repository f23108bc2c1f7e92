//! The table `ashlar_leases`: what only one process at a time does. Who has a lease and does not renew it loses it when
//! its time is over, so a process that died keeps nobody waiting for long.

use ashlar_types::Timestamp;

use crate::{DbError, Tx, args};

/// Takes the lease, or renews it: until `until` it is `owner`'s. Answers whether it is; somebody else has it otherwise.
///
/// # Errors
/// [`DbError`].
pub async fn take(
    tx: &mut Tx,
    name: &str,
    owner: &str,
    (now, until): (Timestamp, Timestamp),
) -> Result<bool, DbError> {
    let sql = "UPDATE ashlar_leases SET owner = ?, held_until = ? WHERE name = ? AND (owner = ? OR \
               held_until < ?)";
    let values = args![owner, until.micros(), name, owner, now.micros()];
    if tx.execute(sql, values).await? > 0 {
        return Ok(true);
    }
    let sql = "INSERT INTO ashlar_leases (name, owner, held_until) VALUES (?, ?, ?)".to_owned()
        + &tx.engine().or_keep("name");
    tx.execute(&sql, args![name, owner, until.micros()]).await?;
    let row = tx.row("SELECT owner FROM ashlar_leases WHERE name = ?", args![name]).await?;
    Ok(row.map(|row| row.get::<String>(0)).transpose()?.as_deref() == Some(owner))
}

/// Gives the lease back, if it is `owner`'s.
///
/// # Errors
/// [`DbError`].
pub async fn give_back(tx: &mut Tx, name: &str, owner: &str) -> Result<(), DbError> {
    let sql = "UPDATE ashlar_leases SET owner = '', held_until = 0 WHERE name = ? AND owner = ?";
    tx.execute(sql, args![name, owner]).await.map(drop)
}
