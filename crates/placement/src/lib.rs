//! Choosing a pool for a volume, and saying why: filter, weigh, rank.
//!
//! Everything here is pure: no `async`, no database, no clock, and no randomness but the seed that is handed in.
//! [`choose()`] judges every pool and returns a [`Verdict`] that names each of them exactly once, with its reason or its
//! score. [`Rules::admit`] is the same capacity arithmetic for one pool; it decides in the placing transaction, since
//! what `choose` saw may be old by then.
//!
//! A filter is one file in `filters/` and one line in [`filters::ALL`]; a weigher likewise in `weighers/` and
//! [`weighers::ALL`].

pub mod capability;
pub mod capacity;
pub mod choose;
pub mod explain;
pub mod filters;
pub mod reason;
pub mod request;
pub mod requirement;
pub mod rules;
#[cfg(test)]
mod samples;
pub mod verdict;
pub mod weighers;

pub use capacity::Provisioning;
pub use choose::choose;
pub use reason::Reason;
pub use rules::{Rules, RulesError};
pub use verdict::{Ranked, Rejected, Verdict, Weight};
