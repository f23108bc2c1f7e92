//! `ChanceWeigher`: each pool draws a lot.

use super::{Weighed, Weigher};
use crate::lot::lot;
use crate::reason::Trouble;

pub(super) static WEIGHER: Weigher =
    Weigher { name: "ChanceWeigher", option: "", multiplier: 1.0, score };

fn score(weighed: &Weighed<'_, '_>) -> Result<f64, Trouble> {
    Ok(lot(weighed.request.seed, weighed.candidate.pool.name.as_str()))
}
