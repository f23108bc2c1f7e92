//! Why pools were refused, as a page keeps it: what many pools share once, what is each pool's own in its cell, and what
//! the request needs with the request.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::PageError;
use super::columns::{read_float, read_whole, write_float};
use crate::Reason;
use crate::candidate::Candidate;
use crate::figures::float;

/// What many pools share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Shared {
    /// Class name of the filter, or what stands for one.
    pub(super) by: Cow<'static, str>,
    /// The reason, with 0 for whatever is a pool's own or hangs on what is needed.
    pub(super) reason: Reason,
}

/// What is a pool's own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Own {
    /// Nothing.
    Nothing,
    /// Not enough space.
    Space { free: f64, held: u64 },
    /// Promised too often; before this request.
    Promised { promised: f64, available: f64 },
    /// Gigabytes of its backend.
    Used(u64),
}

/// Takes a reason apart.
pub(super) fn split(reason: Reason, candidate: &Candidate) -> (Reason, Own) {
    match reason {
        Reason::Space { free, reserved_percentage, held, ratio, .. } => {
            let shared =
                Reason::Space { needed: 0, free: 0.0, reserved_percentage, held: 0, ratio };
            (shared, Own::Space { free, held })
        }
        Reason::OverSubscribed { available, ratio, .. } => {
            let promised = promised(candidate);
            let shared = Reason::OverSubscribed { promised: 0.0, available: 0.0, ratio };
            (shared, Own::Promised { promised, available })
        }
        Reason::MaxGigabytes { used, limit, .. } => {
            (Reason::MaxGigabytes { needed: 0, used: 0, limit }, Own::Used(used))
        }
        other => (other, Own::Nothing),
    }
}

/// What is promised in the pool before a request.
pub(super) fn promised(candidate: &Candidate) -> f64 {
    let provisioned = candidate.figures.as_ref().map_or(0.0, |figures| figures.provisioned);
    provisioned.clamp(f64::MIN, f64::MAX)
}

/// Writes what is a pool's own.
pub(super) fn write(text: &mut String, own: Own) {
    match own {
        Own::Nothing => {}
        Own::Space { free, held } => {
            text.push(':');
            write_float(text, free);
            if held > 0 {
                let _ = write!(text, ":{held}");
            }
        }
        Own::Promised { promised, available } => {
            text.push(':');
            write_float(text, promised);
            text.push(':');
            write_float(text, available);
        }
        Own::Used(used) => {
            let _ = write!(text, ":{used}");
        }
    }
}

/// Puts a reason together again.
pub(super) fn join<'p>(
    shared: &Reason,
    mut own: impl Iterator<Item = &'p str>,
    size: u64,
) -> Result<Reason, PageError> {
    let mut next = || own.next().ok_or(PageError::Damaged("a figure of a refusal is missing"));
    Ok(match shared {
        Reason::Space { reserved_percentage, ratio, .. } => Reason::Space {
            needed: size,
            free: read_float(next()?)?,
            reserved_percentage: *reserved_percentage,
            held: next().map_or(Ok(0), read_whole)?,
            ratio: *ratio,
        },
        Reason::OverSubscribed { ratio, .. } => Reason::OverSubscribed {
            promised: (read_float(next()?)? + float(size)).clamp(f64::MIN, f64::MAX),
            available: read_float(next()?)?,
            ratio: *ratio,
        },
        Reason::MaxGigabytes { limit, .. } => {
            Reason::MaxGigabytes { needed: size, used: read_whole(next()?)?, limit: *limit }
        }
        other => other.clone(),
    })
}
