//! `GoodnessWeigher`: the backend's own `goodness_function`, from 0 (poor) to 100 (perfect).

use super::{Weighed, Weigher};
use crate::functions;
use crate::reason::Trouble;

pub(super) static WEIGHER: Weigher =
    Weigher { name: "GoodnessWeigher", option: "", multiplier: 1.0, score };

fn score(weighed: &Weighed<'_, '_>) -> Result<f64, Trouble> {
    functions::goodness(weighed.request, weighed.candidate)
}
