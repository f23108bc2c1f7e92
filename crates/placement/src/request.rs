//! One request, prepared once and shown to every filter and weigher for every pool.

use ashlar_types::{PoolName, RequestSpec};

use crate::Rules;
use crate::capacity::Provisioning;
use crate::requirement::Requirement;

/// A request with all that can be worked out before looking at a pool.
#[derive(Debug)]
pub struct Request<'a> {
    /// What is asked for.
    pub spec: &'a RequestSpec,
    /// Where it was tried before. A name without a pool stands for every pool of that backend.
    pub tried: &'a [PoolName],
    /// Thin or thick, from the type.
    pub provisioning: Provisioning,
    /// What the type's extra specs demand, compiled.
    pub requirements: Vec<Requirement<'a>>,
    /// The ratio for pools that report none; `None` is `auto`.
    pub max_over_subscription_ratio: Option<f64>,
    /// For weighers that draw lots: the same seed gives the same lots, whatever the order of the pools.
    pub seed: u64,
}

impl<'a> Request<'a> {
    /// Prepares a request.
    #[must_use]
    pub fn new(spec: &'a RequestSpec, tried: &'a [PoolName], rules: &Rules, seed: u64) -> Self {
        Self {
            spec,
            tried,
            provisioning: Provisioning::of(&spec.volume_type),
            requirements: Requirement::all(&spec.volume_type.extra_specs),
            max_over_subscription_ratio: rules.max_over_subscription_ratio(),
            seed,
        }
    }
}
