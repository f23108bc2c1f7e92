//! What accumulates is removed in small portions: ended flows, old decisions, expired messages.

use std::time::Duration;

use ashlar_db::{Db, DbError, decisions, flows, messages, transact};
use ashlar_types::Clock;

/// How often.
pub(crate) const INTERVAL: Duration = Duration::from_secs(60);
/// Ended flows stay for `flow show` this long.
const KEEP_FLOWS: Duration = Duration::from_secs(24 * 3600);
/// Decisions stay for `explain` this long.
const KEEP_DECISIONS: Duration = Duration::from_secs(30 * 24 * 3600);
/// Rows that one transaction removes, so that nobody waits long for it.
const PORTION: usize = 500;
/// Portions in one go.
const PORTIONS: usize = 100;

pub(crate) async fn run(db: &Db, clock: &Clock) -> Result<(), DbError> {
    let now = clock.now();
    for _ in 0..PORTIONS {
        let pruned: Result<u64, DbError> =
            transact!(db, tx => flows::prune(tx, now.before(KEEP_FLOWS), PORTION).await);
        if pruned? == 0 {
            break;
        }
    }
    let before = now.before(KEEP_DECISIONS);
    let pruned: Result<u64, DbError> = transact!(db, tx => decisions::prune(tx, before).await);
    pruned?;
    let expired: Result<u64, DbError> = transact!(db, tx => messages::expire(tx, now).await);
    expired.map(drop)
}
