//! The decision: every filter in order, every weigher over what is left, ranked.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use ashlar_types::{Pool, PoolName, RequestSpec};

use crate::filters::pin;
use crate::request::Request;
use crate::rules::Rules;
use crate::verdict::{PIN, Ranked, Rejected, Verdict, Weight};
use crate::weighers::{Weigher, normalise};

/// Judges `pools` for `spec`.
///
/// `pools` are those whose services are up; the caller leaves out the others. `tried` names the pools (or, without
/// `#pool`, the backends) that failed for this request before. `seed` is all the randomness there is.
///
/// The result does not depend on the order of `pools`; their names must differ. As in Cinder, pools that pass the
/// filters but are ruled out by the pin take part in the normalisation of weights.
#[must_use]
pub fn choose(
    spec: &RequestSpec,
    pools: &[Pool],
    tried: &[PoolName],
    rules: &Rules,
    seed: u64,
) -> Verdict {
    let request = Request::new(spec, tried, rules, seed);
    let mut rejected = Vec::new();
    let mut candidates = Vec::with_capacity(pools.len());
    for pool in pools {
        match refusal(rules, &request, pool) {
            None => candidates.push(pool),
            Some(refusal) => rejected.push(refusal),
        }
    }
    let columns: Vec<Column> = rules
        .weighers()
        .iter()
        .map(|&(weigher, multiplier)| Column::new(weigher, multiplier, &request, &candidates))
        .collect();
    let mut ranked = Vec::with_capacity(candidates.len());
    for (row, pool) in candidates.into_iter().enumerate() {
        match pin::check(spec, pool) {
            Ok(()) => ranked.push(rank(pool, row, &columns)),
            Err(reason) => {
                rejected.push(Rejected {
                    pool: pool.name.clone(),
                    filter: Cow::Borrowed(PIN),
                    reason,
                });
            }
        }
    }
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.pool.cmp(&b.pool)));
    rejected.sort_by(|a, b| a.pool.cmp(&b.pool));
    Verdict { ranked, rejected }
}

/// What the first filter that refuses the pool says.
fn refusal(rules: &Rules, request: &Request<'_>, pool: &Pool) -> Option<Rejected> {
    rules.filters().iter().find_map(|filter| {
        let reason = (filter.check)(request, pool).err()?;
        Some(Rejected { pool: pool.name.clone(), filter: Cow::Borrowed(filter.name), reason })
    })
}

/// One weigher's figures for all candidates.
struct Column {
    name: &'static str,
    multiplier: f64,
    raw: Vec<f64>,
    normalised: Vec<f64>,
}

impl Column {
    fn new(weigher: &Weigher, multiplier: f64, request: &Request<'_>, pools: &[&Pool]) -> Self {
        let score = |pool: &&Pool| (weigher.score)(request, pool, multiplier);
        let mut raw: Vec<f64> = pools.iter().map(score).collect();
        let normalised = normalise(&mut raw);
        Self { name: weigher.name, multiplier, raw, normalised }
    }

    fn weight(&self, row: usize) -> Weight {
        let normalised = self.normalised[row];
        // Adding 0 turns -0 into 0: they would differ in the total order, and in print.
        let weighted = normalised * self.multiplier + 0.0;
        Weight { weigher: Cow::Borrowed(self.name), raw: self.raw[row], normalised, weighted }
    }
}

fn rank(pool: &Pool, row: usize, columns: &[Column]) -> Ranked {
    let weights: Vec<Weight> = columns.iter().map(|column| column.weight(row)).collect();
    // Multipliers are finite, but their sum might not be.
    let add = |sum: f64, weight: &Weight| (sum + weight.weighted).clamp(f64::MIN, f64::MAX);
    Ranked { pool: pool.name.clone(), score: weights.iter().fold(0.0, add), weights }
}
