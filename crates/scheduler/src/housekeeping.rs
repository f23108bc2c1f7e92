//! What accumulates is removed in small portions: ended flows, old decisions, expired messages.

use std::time::Duration;

use ashlar_db::{Db, DbError, answers, decisions, flows, log_levels, messages, once, transact};
use ashlar_types::{Clock, Timestamp};

/// How often.
pub(crate) const INTERVAL: Duration = Duration::from_secs(60);
/// Ended flows stay for `flow show` this long.
const KEEP_FLOWS: Duration = Duration::from_secs(24 * 3600);
/// What a flow told and nobody took stays this long: whoever waits does so for a minute.
const KEEP_ANSWERS: Duration = Duration::from_secs(10 * 60);
/// Answers to requests with a key stay this long, a little longer than they are replayed.
const KEEP_REQUESTS: Duration = Duration::from_secs(25 * 3600);
/// Decisions stay for `explain` this long, and the lists of pools that they are about as long after they were
/// last needed.
const KEEP_DECISIONS: Duration = Duration::from_secs(30 * 24 * 3600);
/// Processes that ended without a word stay this long.
const KEEP_PROCESSES: Duration = Duration::from_secs(3600);
/// No more decisions than this stay, whatever their age. Those made at one moment go together.
const MOST_DECISIONS: usize = 100_000;
/// Rows that one transaction removes, so that nobody waits long for it.
const PORTION: usize = 500;
/// Portions in one go: more than a busy scheduler adds until the next.
const PORTIONS: usize = 400;

/// Repeats a transaction that answers how many rows went, until it finds nothing more. (No function that takes the
/// transaction: the future of an async closure cannot be sent to another thread.)
macro_rules! in_portions {
    ($db:expr, $tx:ident => $remove:expr) => {
        for _ in 0..PORTIONS {
            let gone: Result<u64, DbError> = transact!($db, $tx => $remove);
            if gone? == 0 {
                break;
            }
        }
    };
}

pub(crate) async fn run(db: &Db, clock: &Clock) -> Result<(), DbError> {
    let now = clock.now();
    let before = now.before(KEEP_FLOWS);
    in_portions!(db, tx => flows::prune(tx, before, PORTION).await);
    let before = now.before(KEEP_ANSWERS);
    in_portions!(db, tx => answers::prune(tx, before, PORTION).await);
    let before = now.before(KEEP_REQUESTS);
    in_portions!(db, tx => once::prune(tx, before, PORTION).await);
    let before = now.before(KEEP_PROCESSES);
    in_portions!(db, tx => log_levels::prune(tx, before, PORTION).await);
    prune_decisions(db, now).await?;
    in_portions!(db, tx => messages::expire(tx, now, PORTION).await);
    Ok(())
}

async fn prune_decisions(db: &Db, now: Timestamp) -> Result<(), DbError> {
    let oldest = now.before(KEEP_DECISIONS);
    let before = decisions::horizon(&mut db.read().await?, oldest, MOST_DECISIONS).await?;
    in_portions!(db, tx => decisions::prune(tx, before, PORTION).await);
    in_portions!(db, tx => decisions::prune_pages(tx, PORTION).await);
    in_portions!(db, tx => decisions::prune_pool_sets(tx, oldest, PORTION).await);
    Ok(())
}
