//! The outcome of one placement as data: it is stored as JSON and printed by `ashlar explain`.

use std::borrow::Cow;

use ashlar_types::PoolName;
use serde::{Deserialize, Serialize};

use crate::Reason;

/// Every pool that was judged, exactly once: ranked or rejected.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Pools that will do, the best first. Ties are in order of the name.
    pub ranked: Vec<Ranked>,
    /// Pools that will not do, in order of the name.
    pub rejected: Vec<Rejected>,
}

/// A pool that will do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// Its name.
    pub pool: PoolName,
    /// Sum of the weighted scores. Always finite.
    pub score: f64,
    /// What each weigher said, in the order of the configuration.
    pub weights: Vec<Weight>,
}

/// What one weigher said of one pool. All numbers are finite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    /// Class name of the weigher, as in `scheduler_default_weighers`.
    pub weigher: Cow<'static, str>,
    /// Its own figure, in its own unit (GiB for capacities).
    pub raw: f64,
    /// The figure's place between the lowest (0) and the highest (1) of all candidates.
    pub normalised: f64,
    /// That, times the weigher's multiplier.
    pub weighted: f64,
}

/// A pool that will not do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rejected {
    /// Its name.
    pub pool: PoolName,
    /// Class name of the first filter that refused it, as in `scheduler_default_filters`; or [`PIN`], …
    pub filter: Cow<'static, str>,
    /// Why.
    pub reason: Reason,
}

/// Stands for a filter's name where a volume has to live with its source.
pub const PIN: &str = "pin";
/// Stands for a filter's name where an administrator named the host.
pub const FORCED: &str = "named host";
/// Stands for a filter's name where the pool's service cannot be given work.
pub const SERVICE: &str = "service";
/// Stands for a filter's name where the pool's report cannot be taken in.
pub const REPORT: &str = "report";
/// Stands for a filter's name where capacity is judged although no filter for it is configured.
pub const ADMISSION: &str = "admission";

impl Verdict {
    /// The pool to use, when there is one.
    #[must_use]
    pub fn chosen(&self) -> Option<&PoolName> {
        self.ranked.first().map(|best| &best.pool)
    }
}
