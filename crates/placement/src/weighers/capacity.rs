//! `CapacityWeigher`: the more a pool may still hand out the better, which spreads volumes; a negative multiplier stacks.

use ashlar_types::{Capacity, Pool};

use super::Weigher;
use crate::capacity::{self, Room};
use crate::request::Request;

pub(super) static WEIGHER: Weigher = Weigher {
    name: "CapacityWeigher",
    option: "capacity_weight_multiplier",
    multiplier: 1.0,
    score,
};

/// Infinite and unknown pools come last, whether spreading or stacking: backends should report numbers.
fn score(request: &Request<'_>, pool: &Pool, multiplier: f64) -> f64 {
    let last = if multiplier > 0.0 { -1.0 } else { f64::INFINITY };
    if let (Capacity::Gib(_), Capacity::Gib(_)) = (pool.stats.total, pool.stats.free) {
        let room =
            capacity::measure(pool, request.provisioning, request.max_over_subscription_ratio);
        match room {
            Ok(Room::Limited(room)) => room.free,
            // A pool that the CapacityFilter would have refused, were it enabled.
            Ok(Room::Unlimited) | Err(_) => last,
        }
    } else {
        last
    }
}
