//! `CapacityWeigher`: the more a pool may still hand out the better, which spreads volumes; a negative multiplier stacks.

use super::{Weighed, Weigher};
use crate::reason::Trouble;

pub(super) static WEIGHER: Weigher = Weigher {
    name: "CapacityWeigher",
    option: "capacity_weight_multiplier",
    multiplier: 1.0,
    score,
};

/// Infinite and unknown pools come last, whether spreading or stacking: backends should report numbers.
fn score(weighed: &Weighed<'_, '_>) -> Result<f64, Trouble> {
    let figures = weighed.candidate.figures.as_ref().map_err(|trouble| *trouble)?;
    if figures.limitless {
        return Ok(if weighed.multiplier > 0.0 { -1.0 } else { f64::INFINITY });
    }
    let free = figures.room(weighed.request.provisioning)?.free;
    // All else in it was checked to be a number. Below all bounds is no place either: Cinder raises there.
    if free > f64::NEG_INFINITY { Ok(free) } else { Err(Trouble::Ratio) }
}
