//! The weighers: each gives every candidate a figure; higher is better before the multiplier.

mod capacity;
mod normalise;

use ashlar_types::Pool;

use crate::request::Request;
pub use normalise::normalise;

/// Gives one pool its figure, knowing the multiplier; pure. `+inf` means: beyond all others (see [`normalise()`]).
pub type Score = fn(&Request<'_>, &Pool, multiplier: f64) -> f64;

/// A weigher that `scheduler_default_weighers` can name.
#[derive(Debug)]
pub struct Weigher {
    /// Cinder's class name.
    pub name: &'static str,
    /// The option with its multiplier.
    pub option: &'static str,
    /// The multiplier, when the option is not set.
    pub multiplier: f64,
    /// The rule.
    pub score: Score,
}

/// Every weigher there is.
pub static ALL: &[&Weigher] = &[&capacity::WEIGHER];
