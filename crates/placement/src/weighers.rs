//! The weighers: each gives every candidate a figure; higher is better before the multiplier.

mod allocated_capacity;
mod capacity;
mod chance;
mod goodness;
pub(crate) mod scale;
pub(crate) mod simple;
mod volume_number;

use crate::candidate::Candidate;
use crate::picture::Picture;
use crate::reason::Trouble;
use crate::request::Request;

/// Gives one pool its figure; pure. `+inf` means: beyond all others (see [`scale`]).
pub type Score = fn(&Weighed<'_, '_>) -> Result<f64, Trouble>;

/// What a weigher sees.
pub struct Weighed<'r, 's> {
    /// The request.
    pub request: &'r Request<'s>,
    /// All pools.
    pub picture: &'r Picture,
    /// The pool.
    pub candidate: &'r Candidate,
    /// The weigher's multiplier.
    pub multiplier: f64,
}

/// A weigher that `scheduler_default_weighers` can name.
#[derive(Debug)]
pub struct Weigher {
    /// Cinder's class name.
    pub name: &'static str,
    /// The option with its multiplier; empty when there is none.
    pub option: &'static str,
    /// The multiplier, when the option is not set.
    pub multiplier: f64,
    /// The rule.
    pub score: Score,
}

/// Every weigher there is.
pub static ALL: &[&Weigher] = &[
    &allocated_capacity::WEIGHER,
    &capacity::WEIGHER,
    &chance::WEIGHER,
    &goodness::WEIGHER,
    &volume_number::WEIGHER,
];
