//! Settings of the `sim` driver.

use std::time::Duration;

use serde_json::{Map, Value};

use super::failures::PlannedFailure;

/// How one simulated backend behaves.
#[derive(Debug, Clone, PartialEq)]
pub struct SimSettings {
    /// `volume_backend_name`, which volume types ask for.
    pub backend_name: String,
    /// Its pools.
    pub pools: Vec<SimPool>,
    /// How long each call takes. Default none.
    pub latency: Duration,
    /// Where the chances of planned failures start from. Default 0. Equal seeds and equal numbers of
    /// calls fail alike.
    pub seed: u64,
    /// Failures planned from the start. Default none.
    pub failures: Vec<PlannedFailure>,
}

/// One simulated pool.
#[derive(Debug, Clone, PartialEq)]
pub struct SimPool {
    /// Its own name, after the `#`.
    pub name: String,
    /// Its size.
    pub total_gib: u64,
    /// Percentage that is not handed out; reported, and for the scheduler to keep. Default 0.
    pub reserved_percentage: u32,
    /// How often the capacity may be sold; `None` is `auto`. Default 20, as in Cinder.
    pub max_over_subscription_ratio: Option<f64>,
    /// Thin: volumes and snapshots take nothing, since nothing is written to them. Thick: each takes its
    /// size, and a full pool takes no more. Default thin.
    pub thin: bool,
    /// Capabilities to report besides the driver's own, which they override.
    pub capabilities: Map<String, Value>,
}

impl SimSettings {
    /// A backend of this name with these pools, without delay or failures.
    #[must_use]
    pub fn new(backend_name: impl Into<String>, pools: Vec<SimPool>) -> Self {
        Self {
            backend_name: backend_name.into(),
            pools,
            latency: Duration::ZERO,
            seed: 0,
            failures: Vec::new(),
        }
    }
}

impl SimPool {
    /// A thin pool.
    #[must_use]
    pub fn thin(name: impl Into<String>, total_gib: u64) -> Self {
        Self {
            name: name.into(),
            total_gib,
            reserved_percentage: 0,
            max_over_subscription_ratio: Some(20.0),
            thin: true,
            capabilities: Map::new(),
        }
    }

    /// A thick pool.
    #[must_use]
    pub fn thick(name: impl Into<String>, total_gib: u64) -> Self {
        Self { thin: false, ..Self::thin(name, total_gib) }
    }
}
