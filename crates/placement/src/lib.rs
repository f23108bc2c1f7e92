//! Choosing a pool for a volume, and saying why: filter, weigh, rank.
//!
//! Everything here is pure: no `async`, no database, no clock, and no randomness but the seed that is handed in.
//! [`choose()`] judges every pool of a [`Picture`] and returns a [`Choice`] that has each of them exactly once, refused
//! with a reason or with its figures. [`Rules::admit`] is the same capacity arithmetic for one pool; it decides in the placing
//! transaction, since what `choose` saw may be old by then.
//!
//! A filter is one file in `filters/` and one line in [`filters::ALL`]; a weigher likewise in `weighers/` and
//! [`weighers::ALL`].

mod attributes;
mod candidate;
pub mod capability;
mod choice;
pub mod choose;
mod demands;
pub mod explain;
pub mod expression;
pub mod figures;
pub mod filters;
mod functions;
mod hints;
mod lot;
pub mod nearest;
pub mod page;
mod picture;
mod python;
pub mod query;
#[cfg(test)]
mod random;
pub mod reason;
mod refusal;
pub mod request;
pub mod requirement;
pub mod rules;
#[cfg(test)]
mod samples;
mod together;
pub mod verdict;
pub mod weighers;

pub use candidate::Candidate;
pub use choice::{By, Choice, Mark};
pub use choose::choose;
pub use demands::Demands;
pub use figures::Provisioning;
pub use hints::is_uuid_like;
pub use lot::lot;
pub use picture::Picture;
pub use reason::{Reason, Trouble};
pub use refusal::Refusal;
pub use request::{Facts, Operation, Request};
pub use rules::{Handler, Rules, RulesError, RulesSettings, Strategy};
pub use together::{Apart, choose_together};
pub use verdict::{Ranked, Rejected, Verdict, Weight};
