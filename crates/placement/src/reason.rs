//! Why a pool was refused: numbers and names as data, and the same in words.

use std::fmt;

use ashlar_types::{Availability, Pool};
use serde::{Deserialize, Serialize};

use crate::candidate::Candidate;
use crate::figures::{Figures, two_decimals};
use crate::refusal::Refusal;
use crate::request::Request;

mod trouble;

pub use trouble::Trouble;

/// Why a pool was refused. Capacities are GiB; every number is finite, so that the JSON reads back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    /// Its service cannot be given work.
    Service {
        /// The service's state.
        availability: Availability,
    },
    /// It cannot be judged: Cinder raises an exception here and fails the whole request.
    CannotBeJudged {
        /// What is wrong.
        trouble: Trouble,
        /// Key of the extra spec, when it is about one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
    },
    /// It is in none of the zones asked for.
    Zone {
        /// Its zone.
        zone: String,
        /// Those that would do.
        wanted: Vec<String>,
    },
    /// Not enough space is left.
    Space {
        /// What is asked for.
        needed: u64,
        /// What may still be handed out; negative when more than allowed is promised already.
        free: f64,
        /// Percentage that is never handed out.
        reserved_percentage: f64,
        /// Part of what is taken that operations under way hold.
        held: u64,
        /// How often the capacity is sold, for a thin volume in a thin pool.
        ratio: Option<f64>,
    },
    /// What would be promised, over what is available, passes the over-subscription ratio.
    OverSubscribed {
        /// What would be promised.
        promised: f64,
        /// What is available, the ratio already in it.
        available: f64,
        /// The ratio.
        ratio: f64,
    },
    /// Thin provisioning needs an over-subscription ratio of at least 1.
    RatioUnusable {
        /// The ratio, when it is a number.
        ratio: Option<f64>,
    },
    /// It reports that it has no storage at all.
    NoStorage {
        /// Its total.
        total: f64,
    },
    /// It reports null as free capacity.
    FreeUnset,
    /// A part is to be kept back of a capacity that it does not know.
    ReserveOfUnknown {
        /// Percentage to keep back.
        reserved_percentage: f64,
    },
    /// The volume type wants a capability that it does not report.
    CapabilityMissing {
        /// Key of the extra spec.
        key: String,
    },
    /// It reports a capability otherwise than the volume type wants it.
    CapabilityDiffers {
        /// Key of the extra spec.
        key: String,
        /// The spec's value; `None` is null.
        wanted: Option<String>,
        /// What it reports, as JSON, shortened when long.
        found: String,
    },
    /// Growing an attached volume is not supported there.
    OnlineExtend,
    /// Its `filter_function` says no.
    Function {
        /// The function.
        function: String,
    },
    /// Its `filter_function` cannot be evaluated.
    FunctionFailed {
        /// The function.
        function: String,
        /// What is wrong.
        cause: String,
    },
    /// It is not on the instance's host.
    InstanceElsewhere {
        /// Where the instance runs.
        host: String,
    },
    /// The hint `query` does not hold of it.
    Query,
    /// None of the volumes of the hint `same_host` is there.
    NotSame,
    /// One of the volumes of the hint `different_host` is there.
    NotDifferent,
    /// The hint names something that is no volume.
    BadHint,
    /// An administrator named another host.
    Forced {
        /// The host that was named.
        to: String,
    },
    /// Its backend would pass `max_gigabytes`.
    MaxGigabytes {
        /// What is asked for.
        needed: u64,
        /// What lives in the backend.
        used: u64,
        /// The limit.
        limit: u64,
    },
    /// It was tried for this request before.
    Tried,
    /// The volume has to live elsewhere, with its source.
    Pinned {
        /// The pool or backend where it has to live.
        to: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zone { zone, wanted } => {
                write!(f, "is in zone '{zone}', wanted is '{}'", wanted.join("' or '"))
            }
            Self::Space { needed, free, reserved_percentage, held, ratio } => {
                let free = two_decimals(*free);
                write!(f, "needs {needed} GiB, {free} GiB free")?;
                if *reserved_percentage > 0.0 {
                    write!(f, " after {reserved_percentage} % reserved")?;
                }
                if let Some(ratio) = ratio {
                    write!(f, ", sold {} times over", two_decimals(*ratio))?;
                }
                if *held > 0 {
                    write!(f, ", {held} GiB held by operations under way")?;
                }
                Ok(())
            }
            Self::OverSubscribed { promised, available, ratio } => write!(
                f,
                "would have promised {promised} GiB of {available} GiB, more than {} times over",
                two_decimals(*ratio)
            ),
            Self::RatioUnusable { ratio: Some(ratio) } => {
                write!(f, "has an over-subscription ratio of {ratio}, it must be at least 1")
            }
            Self::RatioUnusable { ratio: None } => {
                f.write_str("has an over-subscription ratio that is no number")
            }
            Self::NoStorage { total } => {
                write!(f, "reports a total capacity of {} GiB", two_decimals(*total))
            }
            Self::FreeUnset => f.write_str("reports no free capacity"),
            Self::Service { availability } => f.write_str(match availability {
                Availability::Up => "its service is up",
                Availability::Down => "its service is down",
                Availability::Disabled => "its service is disabled",
                Availability::Frozen => "its service is frozen",
                Availability::Unreported => "it is not in its backend's last report",
            }),
            Self::CannotBeJudged { trouble, key: None } => write!(f, "cannot be judged: {trouble}"),
            Self::CannotBeJudged { trouble, key: Some(key) } => {
                write!(f, "cannot be judged: {trouble} '{key}'")
            }
            Self::OnlineExtend => f.write_str("cannot grow a volume that is attached"),
            Self::Function { function } => write!(f, "its filter_function says no: {function}"),
            Self::FunctionFailed { function, cause } => {
                write!(f, "its filter_function cannot be evaluated: {cause}: {function}")
            }
            Self::InstanceElsewhere { host } => write!(f, "is not on the instance's host '{host}'"),
            Self::Query => f.write_str("the hint 'query' does not hold of it"),
            Self::NotSame => f.write_str("has none of the volumes of the hint 'same_host'"),
            Self::NotDifferent => f.write_str("has a volume of the hint 'different_host'"),
            Self::BadHint => f.write_str("the hint names something that is no volume"),
            Self::Forced { to } => write!(f, "is not on the host that was named: {to}"),
            Self::MaxGigabytes { needed, used, limit } => write!(
                f,
                "needs {needed} GiB, its backend has {used} GiB of at most {limit} GiB (max_gigabytes)"
            ),
            Self::ReserveOfUnknown { reserved_percentage } => write!(
                f,
                "must keep {reserved_percentage} % back, but does not know its total capacity"
            ),
            Self::CapabilityMissing { key } => write!(f, "does not report '{key}'"),
            Self::CapabilityDiffers { key, wanted: Some(wanted), found } => {
                write!(f, "reports {found} as '{key}', wanted is '{wanted}'")
            }
            Self::CapabilityDiffers { key, wanted: None, found } => {
                write!(f, "reports {found} as '{key}', wanted is null")
            }
            Self::Tried => f.write_str("was tried before for this request"),
            Self::Pinned { to } => write!(f, "is not where the volume is pinned to: {to}"),
        }
    }
}

/// A refusal for want of space, where there is no more to a request than how much it needs.
pub(crate) fn tell_capacity(
    refusal: Refusal,
    needed: u64,
    pool: &Pool,
    figures: Option<&Figures>,
) -> Reason {
    let reserved_percentage = figures.map_or(0.0, |figures| finite(figures.reserved_percentage));
    let ratio = figures.map_or(1.0, |figures| figures.ratio);
    match refusal {
        Refusal::Space { free, thin } => Reason::Space {
            needed,
            free: finite(free),
            reserved_percentage,
            held: pool.held,
            ratio: thin.then(|| finite(ratio)),
        },
        Refusal::OverSubscribed { available } => {
            let provisioned = figures.map_or(0.0, |figures| figures.provisioned);
            Reason::OverSubscribed {
                promised: finite(provisioned + crate::figures::float(needed)),
                available: finite(available),
                ratio: finite(ratio),
            }
        }
        Refusal::RatioUnusable => {
            Reason::RatioUnusable { ratio: Some(ratio).filter(|ratio| ratio.is_finite()) }
        }
        Refusal::NoStorage => {
            Reason::NoStorage { total: finite(figures.map_or(0.0, |figures| figures.total)) }
        }
        Refusal::FreeUnset => Reason::FreeUnset,
        Refusal::Trouble(trouble) => Reason::CannotBeJudged { trouble, key: None },
        // Of the others capacity is none.
        _ => Reason::ReserveOfUnknown { reserved_percentage },
    }
}

/// A refusal with its names, limits and what was found.
pub(crate) fn tell(refusal: Refusal, request: &Request<'_>, candidate: &Candidate) -> Reason {
    let pool = &candidate.pool;
    let requirement = |number: u16| request.demands.requirements().get(usize::from(number));
    let key = |number| requirement(number).map(|it| it.key().to_owned()).unwrap_or_default();
    let function = || {
        let function = candidate.compiled.filter_function.as_ref();
        function.map(|function| shortened(&function.text)).unwrap_or_default()
    };
    match refusal {
        Refusal::Service(availability) => Reason::Service { availability },
        Refusal::Trouble(trouble @ Trouble::Capability(number)) => {
            Reason::CannotBeJudged { trouble, key: Some(key(number)) }
        }
        Refusal::Zone => Reason::Zone {
            zone: pool.availability_zone.clone(),
            wanted: request.spec.availability_zones.clone(),
        },
        Refusal::Space { .. }
        | Refusal::OverSubscribed { .. }
        | Refusal::RatioUnusable
        | Refusal::NoStorage
        | Refusal::FreeUnset
        | Refusal::Trouble(_)
        | Refusal::ReserveOfUnknown => {
            tell_capacity(refusal, request.needed, pool, candidate.figures.as_ref().ok())
        }
        Refusal::CapabilityMissing(number) => Reason::CapabilityMissing { key: key(number) },
        Refusal::CapabilityDiffers(number) => Reason::CapabilityDiffers {
            key: key(number),
            wanted: requirement(number).and_then(|it| it.wanted()).map(str::to_owned),
            found: requirement(number)
                .and_then(|it| it.fact(&pool.stats))
                .map(crate::capability::Fact::to_short_text)
                .unwrap_or_default(),
        },
        Refusal::OnlineExtend => Reason::OnlineExtend,
        Refusal::Function => Reason::Function { function: function() },
        Refusal::FunctionFailed => Reason::FunctionFailed {
            function: function(),
            cause: crate::functions::complaint(request, candidate),
        },
        Refusal::InstanceElsewhere => Reason::InstanceElsewhere {
            host: request.facts.instance.clone().and_then(Result::ok).unwrap_or_default(),
        },
        Refusal::Query => Reason::Query,
        Refusal::NotSame => Reason::NotSame,
        Refusal::NotDifferent => Reason::NotDifferent,
        Refusal::BadHint => Reason::BadHint,
        Refusal::Tried => Reason::Tried,
        Refusal::Pinned => Reason::Pinned {
            to: request.spec.pinned.as_ref().map(|pin| pin.as_str().to_owned()).unwrap_or_default(),
        },
        Refusal::Forced => Reason::Forced { to: request.spec.forced.clone().unwrap_or_default() },
        Refusal::MaxGigabytes { used, limit } => {
            Reason::MaxGigabytes { needed: request.needed, used, limit }
        }
    }
}

/// The nearest finite number: JSON has no others.
fn finite(number: f64) -> f64 {
    if number.is_nan() { 0.0 } else { number.clamp(f64::MIN, f64::MAX) }
}

/// Longest text of a function in a reason, in characters.
const SHORT: usize = 200;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lack_of_space_is_said_with_its_numbers() {
        let space = |free, reserved_percentage, held, ratio| {
            Reason::Space { needed: 600, free, reserved_percentage, held, ratio }.to_string()
        };
        assert_eq!(space(372.0, 5.0, 0, None), "needs 600 GiB, 372 GiB free after 5 % reserved");
        assert_eq!(
            space(372.25, 0.0, 50, Some(20.0)),
            "needs 600 GiB, 372.25 GiB free, sold 20 times over, 50 GiB held by operations under way"
        );
    }

    #[test]
    fn every_reason_reads_back_from_its_json() {
        let text = |text: &str| text.to_owned();
        let reasons = [
            Reason::Service { availability: Availability::Frozen },
            Reason::CannotBeJudged { trouble: Trouble::Free, key: None },
            Reason::CannotBeJudged { trouble: Trouble::Capability(3), key: Some(text("k")) },
            Reason::Zone { zone: text("a"), wanted: vec![text("b")] },
            Reason::Space { needed: 2, free: -1.5, reserved_percentage: 5.5, held: 1, ratio: None },
            Reason::OverSubscribed { promised: 9.0, available: 2.0, ratio: 1.5 },
            Reason::RatioUnusable { ratio: None },
            Reason::NoStorage { total: -1.0 },
            Reason::FreeUnset,
            Reason::ReserveOfUnknown { reserved_percentage: 0.5 },
            Reason::CapabilityMissing { key: text("k") },
            Reason::CapabilityDiffers { key: text("k"), wanted: None, found: text("1") },
            Reason::OnlineExtend,
            Reason::Function { function: text("1 > 2") },
            Reason::FunctionFailed { function: text("1 >"), cause: text("expected more") },
            Reason::InstanceElsewhere { host: text("h") },
            Reason::Query,
            Reason::NotSame,
            Reason::NotDifferent,
            Reason::BadHint,
            Reason::Forced { to: text("h") },
            Reason::MaxGigabytes { needed: 1, used: 2, limit: 2 },
            Reason::Tried,
            Reason::Pinned { to: text("h@b") },
        ];
        for reason in reasons {
            let json = serde_json::to_string(&reason).expect("json");
            assert_eq!(serde_json::from_str::<Reason>(&json).expect("a reason"), reason);
            assert!(!reason.to_string().is_empty());
        }
    }

    #[test]
    fn of_what_is_no_finite_number_the_nearest_that_is_one_is_told() {
        assert_eq!(finite(f64::NAN), 0.0);
        assert_eq!(finite(f64::INFINITY), f64::MAX);
        assert_eq!(finite(f64::NEG_INFINITY), f64::MIN);
        assert_eq!(finite(1.5), 1.5);
    }
}
