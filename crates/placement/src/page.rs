//! What was decided in a batch, as one small text: every pool's verdict in every case, to be read back by
//! `ashlar explain`.
//!
//! All cases of a batch are decided on one picture, so most of what is said repeats itself. A page keeps each reason
//! once; of pools that were weighed only the weighers' own figures, from which the rest is worked out again by the
//! same functions; and of later cases what differs from an earlier one. Names of pools are not on it: they are the same
//! on all pages for a long time, so they are kept once, under the key that [`pool_set`] makes.
//!
//! ```text
//! { "v": 1, "pools": 3, "at": 1795368000000000, "rules": {…},
//!   "refused": [{"by": "CapacityFilter", "reason": {"kind": "space", …}}],
//!   "asked": [{"volume_type": "gold", "availability_zones": ["nova"], …}],
//!   "cases": [{"asked": 0, "size": 600, "cells": "1000;938.5;r0:372", "rows": "17;3*2"},
//!             {"asked": 0, "size": 10, "like": 0, "cells": "990", "rows": "18"}] }
//! ```
//!
//! `cells` and `rows` are [`columns`]: a cell for each pool, in order of their names.

mod body;
mod columns;
mod reader;
mod refused;
#[cfg(test)]
mod tests;
mod writer;

use md5::{Digest, Md5};

pub use body::{Applied, Asked};
pub use reader::{Case, Page};
pub use writer::PageWriter;

use crate::picture::Picture;

/// Why a page cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// It was written by another version of this program.
    #[error("the page has form {0}, which this version does not know")]
    Version(u64),
    /// It is no page at all.
    #[error("the page is not what it should be: {0}")]
    NoPage(String),
    /// Its parts do not fit together.
    #[error("the page is damaged: {0}")]
    Damaged(&'static str),
    /// The names are of other pools.
    #[error("the page is about {on_page} pools, {names} names go with it")]
    Names {
        /// Pools that the page is about.
        on_page: usize,
        /// Names given.
        names: usize,
    },
    /// It was decided by a weigher that there is no more.
    #[error("the page was written with weighers that this version does not have")]
    Weighers,
    /// There is no such case.
    #[error("the page has no case {0}")]
    NoCase(u32),
}

/// The names of the picture's pools as JSON, and a key that stands for just these names: 32 hexadecimal digits.
#[must_use]
pub fn pool_set(picture: &Picture) -> (String, String) {
    let names = picture.candidates().iter().map(|candidate| &candidate.pool.name);
    let names: Vec<_> = names.collect();
    let names = serde_json::to_string(&names).expect("names are texts");
    let digest = Md5::digest(names.as_bytes());
    let key =
        digest.iter().fold(String::with_capacity(32), |key, byte| key + &format!("{byte:02x}"));
    (key, names)
}
