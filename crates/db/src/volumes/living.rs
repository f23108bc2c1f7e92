//! Whether volumes should lie in a pool, by what the tables say.

use ashlar_types::PoolName;

use crate::{DbError, Tx, args};

/// Volumes that are being removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleting {
    /// Count: nothing can have removed them yet.
    Counts,
    /// Do not count: their data may be gone already.
    MayBeGone,
}

/// Whether the tables know a volume in the pool whose data must be there: it was made, nobody has removed
/// it and it was not set to `error`. Looks at the index by host and stops at the first.
///
/// # Errors
/// [`DbError`].
pub async fn has_living(tx: &mut Tx, pool: &PoolName, deleting: Deleting) -> Result<bool, DbError> {
    let but = match deleting {
        Deleting::Counts => "",
        Deleting::MayBeGone => "'deleting', 'error_deleting', ",
    };
    let sql = format!(
        "SELECT id FROM volumes WHERE deleted = FALSE AND host = ? AND launched_at IS NOT NULL AND \
         status NOT IN ({but}'creating', 'error', 'managing', 'error_managing', \
         'error_managing_deleting', 'unmanaging') LIMIT 1"
    );
    Ok(tx.row(&sql, args![pool]).await?.is_some())
}
