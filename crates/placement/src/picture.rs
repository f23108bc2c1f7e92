//! All pools at one moment, compiled and in order of their names. Many requests are judged on one picture; what was
//! chosen is noted in it, so that the next choice sees it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use ashlar_types::volume_type::ExtraSpecs;
use ashlar_types::{BackendName, Gib, Pool, PoolName, Timestamp};

use crate::candidate::Candidate;
use crate::demands::Demands;

/// Types whose demands are kept compiled; beyond it they are all forgotten and made anew.
const MOST_TYPES: usize = 1024;
/// Verdicts on pools that are kept with them, over all types.
const MOST_VERDICTS: usize = 1_000_000;

/// All pools at one moment.
#[derive(Debug, Default)]
pub struct Picture {
    candidates: Vec<Candidate>,
    /// Gigabytes that live in each backend or are held there.
    backends: Vec<u64>,
    default_ratio: Option<f64>,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// What the extra specs of a type demand, and which pools meet it: that hangs on reports alone.
    demands: RwLock<HashMap<ExtraSpecs, Arc<Demands>>>,
}

impl Picture {
    /// A picture of `pools`, whose names must differ. `default_ratio` is `max_over_subscription_ratio` for pools that
    /// report none; `None` is `auto`.
    #[must_use]
    pub fn new(mut pools: Vec<Pool>, default_ratio: Option<f64>, taken_at: Timestamp) -> Self {
        pools.sort_by(|a, b| a.name.cmp(&b.name));
        pools.dedup_by(|a, b| a.name == b.name);
        let mut picture = Self { default_ratio, taken_at, ..Self::default() };
        let mut known: HashMap<BackendName, usize> = HashMap::new();
        for pool in pools {
            let next = known.len();
            let backend = *known.entry(pool.name.backend()).or_insert(next);
            picture.candidates.push(Candidate::new(pool, backend, default_ratio));
        }
        picture.backends = vec![0; known.len()];
        picture.sum_backends();
        picture
    }

    /// The pools, by name.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// Number of pools.
    #[must_use]
    pub fn len(&self) -> usize {
        self.candidates.len()
    }

    /// There is no pool at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// Where the pool of this name stands.
    #[must_use]
    pub fn position(&self, name: &PoolName) -> Option<usize> {
        self.candidates.binary_search_by(|candidate| candidate.pool.name.cmp(name)).ok()
    }

    /// Counts `size` as held in the pool at `index`, and `volumes` as being made there.
    pub fn note(&mut self, index: usize, size: Gib, volumes: u64) {
        let default_ratio = self.default_ratio;
        let Some(candidate) = self.candidates.get_mut(index) else { return };
        candidate.pool.take(size, volumes);
        candidate.refresh(default_ratio);
        if let Some(used) = self.backends.get_mut(candidate.backend) {
            *used = used.saturating_add(size.0);
        }
    }

    /// Puts newer rows of known pools in. Where the picture has the very report already, its compiled form stays;
    /// pools that are not known are passed over.
    pub fn update(&mut self, pools: impl IntoIterator<Item = Pool>) {
        let mut new_reports = false;
        for pool in pools {
            let Some(index) = self.position(&pool.name) else { continue };
            let candidate = &mut self.candidates[index];
            if candidate.pool.asked_at == pool.asked_at {
                let stats = Arc::clone(&candidate.pool.stats);
                candidate.pool = Pool { stats, ..pool };
                candidate.refresh(self.default_ratio);
            } else {
                *candidate = Candidate::new(pool, candidate.backend, self.default_ratio);
                new_reports = true;
            }
        }
        if new_reports {
            self.demands.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        }
        self.sum_backends();
    }

    /// Whether the picture has the pool with this very report, so that it need not be read again.
    #[must_use]
    pub fn takes(&self, name: &PoolName, asked_at: Timestamp) -> bool {
        self.position(name).is_some_and(|index| self.candidates[index].pool.asked_at == asked_at)
    }

    /// Gigabytes that live in the backend of this number or are held there.
    pub(crate) fn gigabytes_of(&self, backend: usize) -> u64 {
        self.backends.get(backend).copied().unwrap_or(0)
    }

    /// What these extra specs demand, and which pools meet it; worked out once.
    pub(crate) fn demands(&self, specs: &ExtraSpecs) -> Arc<Demands> {
        {
            let known = self.demands.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(demands) = known.get(specs) {
                return Arc::clone(demands);
            }
        }
        let demands = Arc::new(Demands::new(specs, &self.candidates));
        let mut known = self.demands.write().unwrap_or_else(PoisonError::into_inner);
        let most = (MOST_VERDICTS / self.len().max(1)).clamp(1, MOST_TYPES);
        if known.len() >= most {
            known.clear();
        }
        known.insert(specs.clone(), Arc::clone(&demands));
        demands
    }

    fn sum_backends(&mut self) {
        self.backends.fill(0);
        for candidate in &self.candidates {
            let used = candidate.pool.allocated.saturating_add(candidate.pool.held);
            if let Some(sum) = self.backends.get_mut(candidate.backend) {
                *sum = sum.saturating_add(used);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn pools_stand_in_order_of_their_names_and_what_is_noted_counts_for_their_backend() {
        let pools = vec![samples::pool("h@b#z", 10.0, 10.0), samples::pool("h@b#a", 10.0, 10.0)];
        let mut picture = Picture::new(pools, Some(1.0), Timestamp::default());
        let z = picture.position(&PoolName("h@b#z".to_owned())).expect("it is there");
        assert_eq!(z, 1);
        picture.note(z, Gib(3), 1);
        let pool = &picture.candidates()[z].pool;
        assert_eq!((pool.held, pool.unreported, pool.making), (3, 3, 1));
        assert_eq!(picture.gigabytes_of(0), 3);
        assert_eq!(picture.position(&PoolName("h@b".to_owned())), None);
    }

    #[test]
    fn an_update_keeps_the_report_and_takes_the_figures() {
        let mut picture =
            Picture::new(vec![samples::pool("h@b#a", 10.0, 10.0)], None, Timestamp::default());
        let mut newer = samples::pool("h@b#a", 99.0, 99.0);
        newer.allocated = 7;
        assert!(picture.takes(&newer.name, newer.asked_at));
        picture.update([newer]);
        let pool = &picture.candidates()[0].pool;
        assert_eq!(pool.allocated, 7);
        assert_eq!(pool.stats.capacity("total_capacity_gb").gib(), Some(10.0));
        assert_eq!(picture.gigabytes_of(0), 7);
    }
}
