//! When each pool was last reported.

use std::collections::BTreeMap;

use ashlar_types::{PoolName, Timestamp};

use crate::{DbError, Tx};

/// The moment of the last report of every pool that is known.
///
/// # Errors
/// [`DbError`].
pub async fn reported_at(tx: &mut Tx) -> Result<BTreeMap<PoolName, Timestamp>, DbError> {
    let rows = tx.rows("SELECT name, reported_at FROM ashlar_pools", &[]).await?;
    rows.into_iter()
        .map(|row| {
            let mut row = row.reader();
            Ok((row.next()?, Timestamp::from_micros(row.next()?)))
        })
        .collect()
}
