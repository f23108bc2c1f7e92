//! Why a pool was refused, in the form in which it is decided: plain numbers, no text, nothing allocated. What people
//! read is [`Reason`], made from it when someone asks.

use ashlar_types::Availability;

use crate::Reason;
use crate::candidate::Candidate;
use crate::reason::Trouble;
use crate::request::Request;

/// Why a pool was refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Refusal {
    /// Its service cannot be given work.
    Service(Availability),
    /// It cannot be judged: Cinder raises an exception here and fails the whole request.
    Trouble(Trouble),
    /// It is in none of the zones asked for.
    Zone,
    /// Not enough space is left.
    Space {
        /// What may still be handed out.
        free: f64,
        /// Whether that is sold more than once.
        thin: bool,
    },
    /// More would be promised, over what is available, than the over-subscription ratio allows.
    OverSubscribed {
        /// What is available, the ratio already in it.
        available: f64,
    },
    /// Thin provisioning needs an over-subscription ratio of at least 1.
    RatioUnusable,
    /// It reports that it has no storage at all.
    NoStorage,
    /// It reports null as free capacity.
    FreeUnset,
    /// A part is to be kept back of a capacity that it does not know.
    ReserveOfUnknown,
    /// It does not report what the type's demand of this number is about.
    CapabilityMissing(u16),
    /// It reports something else than the type's demand of this number wants.
    CapabilityDiffers(u16),
    /// Growing an attached volume is not supported there.
    OnlineExtend,
    /// Its `filter_function` says no.
    Function,
    /// Its `filter_function` cannot be evaluated.
    FunctionFailed,
    /// It is not on the instance's host.
    InstanceElsewhere,
    /// The hint `query` does not hold of it.
    Query,
    /// None of the volumes of the hint `same_host` is there.
    NotSame,
    /// One of the volumes of the hint `different_host` is there.
    NotDifferent,
    /// The hint of this filter names something that is no volume.
    BadHint,
    /// It was tried for this request before.
    Tried,
    /// The volume has to live elsewhere, with its source.
    Pinned,
    /// An administrator named another host.
    Forced,
    /// Its backend would pass `max_gigabytes`.
    MaxGigabytes {
        /// What lives in the backend.
        used: u64,
        /// The limit.
        limit: u64,
    },
}

impl Refusal {
    /// The same for people: with names, limits and what was found.
    #[must_use]
    pub fn reason(self, request: &Request<'_>, candidate: &Candidate) -> Reason {
        crate::reason::tell(self, request, candidate)
    }
}
