//! The pools as a scheduler last read them. The table in the database decides; this is for choosing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ashlar_db::pools::Figures;
use ashlar_db::{Db, DbError, pools};
use ashlar_placement::Picture;
use ashlar_types::{Clock, Pool, PoolName, Report, Timestamp};

/// A picture of the pools, a little old. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct PoolTable {
    db: Db,
    clock: Clock,
    down_time: Duration,
    default_ratio: Option<f64>,
    picture: Arc<Mutex<Picture>>,
}

/// How old the picture may be when a choice is made from it.
const FRESH: Duration = Duration::from_secs(1);

impl PoolTable {
    /// An empty picture of the pools in `db`; services silent for `down_time` count as down. `default_ratio` is
    /// `max_over_subscription_ratio`; `None` is `auto`.
    #[must_use]
    pub fn new(db: Db, clock: Clock, down_time: Duration, default_ratio: Option<f64>) -> Self {
        let picture = Picture::new(Vec::new(), default_ratio, Timestamp::default());
        Self { db, clock, down_time, default_ratio, picture: Arc::new(Mutex::new(picture)) }
    }

    /// Sees to it that the picture is at most a second old.
    ///
    /// # Errors
    /// [`DbError`], classified.
    pub async fn ensure_recent(&self) -> Result<(), DbError> {
        let taken_at = self.picture().taken_at;
        if self.clock.now().since(taken_at) < FRESH {
            return Ok(());
        }
        self.ensure_fresh().await
    }

    /// Takes the picture anew. Only what changed is read and compiled.
    ///
    /// # Errors
    /// [`DbError`], classified.
    pub async fn ensure_fresh(&self) -> Result<(), DbError> {
        let now = self.clock.now();
        let mut tx = self.db.read().await?;
        let rows = pools::figures(&mut tx, now, self.down_time).await?;
        let unknown: Vec<PoolName> = {
            let picture = self.picture();
            let unknown = rows.iter().filter(|row| !picture.takes(&row.name, row.asked_at));
            unknown.map(|row| row.name.clone()).collect()
        };
        let mut reports = HashMap::with_capacity(unknown.len());
        for report in pools::reports(&mut tx, &unknown).await? {
            reports.insert(report.name, (report.asked_at, report.stats));
        }
        let mut picture = self.picture();
        let known = rows.len() == picture.len()
            && rows.iter().all(|row| picture.position(&row.name).is_some());
        let whole: Vec<Pool> =
            rows.into_iter().filter_map(|row| complete(row, &reports, &picture)).collect();
        if known {
            picture.update(whole);
        } else {
            *picture = Picture::new(whole, self.default_ratio, now);
        }
        picture.taken_at = now;
        Ok(())
    }

    /// The picture itself. Never hold it over an `await`.
    pub fn picture(&self) -> MutexGuard<'_, Picture> {
        self.picture.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The row with its report: the one just read, or the one that the picture has. A pool that came between the two
/// reads has none yet; it is seen the next time.
fn complete(
    mut row: Figures,
    read: &HashMap<PoolName, (Timestamp, Arc<Report>)>,
    picture: &Picture,
) -> Option<Pool> {
    if let Some((asked_at, stats)) = read.get(&row.name) {
        row.asked_at = *asked_at;
        return Some(row.with(Arc::clone(stats)));
    }
    let position = picture.position(&row.name)?;
    let stats = Arc::clone(&picture.candidates().get(position)?.pool.stats);
    Some(row.with(stats))
}
