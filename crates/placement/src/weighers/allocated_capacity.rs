//! `AllocatedCapacityWeigher`: the less lives in a pool the better, whatever its size.

use super::{Weighed, Weigher};
use crate::figures::float;
use crate::reason::Trouble;

pub(super) static WEIGHER: Weigher = Weigher {
    name: "AllocatedCapacityWeigher",
    option: "allocated_capacity_weight_multiplier",
    multiplier: -1.0,
    score,
};

fn score(weighed: &Weighed<'_, '_>) -> Result<f64, Trouble> {
    let pool = &weighed.candidate.pool;
    Ok(float(pool.allocated.saturating_add(pool.held)))
}
