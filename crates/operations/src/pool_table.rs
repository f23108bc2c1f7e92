//! The pools as a scheduler last read them. The table in the database decides; this is for choosing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ashlar_db::{Db, DbError, pools};
use ashlar_types::{Clock, Gib, Pool, PoolName, Timestamp};

/// A picture of the pools, a little old. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct PoolTable {
    db: Db,
    clock: Clock,
    down_time: Duration,
    picture: Arc<Mutex<Picture>>,
}

struct Picture {
    pools: Arc<Vec<Pool>>,
    taken: Option<Timestamp>,
}

/// How old the picture may be when a choice is made from it.
const FRESH: Duration = Duration::from_secs(1);

impl PoolTable {
    /// An empty picture of the pools in `db`; services silent for `down_time` do not count.
    #[must_use]
    pub fn new(db: Db, clock: Clock, down_time: Duration) -> Self {
        let picture = Picture { pools: Arc::default(), taken: None };
        Self { db, clock, down_time, picture: Arc::new(Mutex::new(picture)) }
    }

    /// The pools, at most a second old.
    ///
    /// # Errors
    /// [`DbError`], classified.
    pub async fn recent(&self) -> Result<Arc<Vec<Pool>>, DbError> {
        let now = self.clock.now();
        {
            let picture = self.picture();
            if picture.taken.is_some_and(|taken| now.since(taken) < FRESH) {
                return Ok(Arc::clone(&picture.pools));
            }
        }
        self.fresh().await
    }

    /// The pools as they are now.
    ///
    /// # Errors
    /// [`DbError`], classified.
    pub async fn fresh(&self) -> Result<Arc<Vec<Pool>>, DbError> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let pools = Arc::new(pools::list(&mut tx, now, self.down_time).await?);
        let mut picture = self.picture();
        picture.pools = Arc::clone(&pools);
        picture.taken = Some(now);
        Ok(pools)
    }

    /// Counts what was just placed at once, so that the next choice from this picture sees it.
    pub fn note(&self, name: &PoolName, size: Gib) {
        let mut picture = self.picture();
        let pools = Arc::make_mut(&mut picture.pools);
        if let Some(pool) = pools.iter_mut().find(|pool| pool.name == *name) {
            pool.held += size.0;
        }
    }

    fn picture(&self) -> std::sync::MutexGuard<'_, Picture> {
        self.picture.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
