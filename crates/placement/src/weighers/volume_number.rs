//! `VolumeNumberWeigher`: the fewer volumes live in a pool the better, whatever their sizes.

use super::{Weighed, Weigher};
use crate::figures::float;
use crate::reason::Trouble;

pub(super) static WEIGHER: Weigher = Weigher {
    name: "VolumeNumberWeigher",
    option: "volume_number_multiplier",
    multiplier: -1.0,
    score,
};

fn score(weighed: &Weighed<'_, '_>) -> Result<f64, Trouble> {
    let pool = &weighed.candidate.pool;
    Ok(float(pool.volumes.saturating_add(pool.making)))
}
