//! Why a pool was refused: numbers and names as data, and the same in words.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::capacity::two_decimals;

/// Why a pool was refused. Capacities are GiB; every number is finite, so that the JSON reads back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
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
        reserved_percentage: u32,
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
    /// It reports a capacity that is no number, such as `nan`.
    NotANumber,
    /// A part is to be kept back of a capacity that it does not know.
    ReserveOfUnknown {
        /// Percentage to keep back.
        reserved_percentage: u32,
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
                if *reserved_percentage > 0 {
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
            Self::NotANumber => f.write_str("reports a capacity that is no number"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lack_of_space_is_said_with_its_numbers() {
        let space = |free, reserved_percentage, held, ratio| {
            Reason::Space { needed: 600, free, reserved_percentage, held, ratio }.to_string()
        };
        assert_eq!(space(372.0, 5, 0, None), "needs 600 GiB, 372 GiB free after 5 % reserved");
        assert_eq!(
            space(372.25, 0, 50, Some(20.0)),
            "needs 600 GiB, 372.25 GiB free, sold 20 times over, 50 GiB held by operations under way"
        );
    }

    #[test]
    fn every_reason_reads_back_from_its_json() {
        let reasons = [
            Reason::Zone { zone: "a".to_owned(), wanted: vec!["b".to_owned()] },
            Reason::Space { needed: 2, free: -1.5, reserved_percentage: 5, held: 1, ratio: None },
            Reason::OverSubscribed { promised: 9.0, available: 2.0, ratio: 1.5 },
            Reason::RatioUnusable { ratio: None },
            Reason::NotANumber,
            Reason::CapabilityDiffers { key: "k".to_owned(), wanted: None, found: "1".to_owned() },
            Reason::Tried,
            Reason::Pinned { to: "h@b".to_owned() },
        ];
        for reason in reasons {
            let json = serde_json::to_string(&reason).expect("json");
            assert_eq!(serde_json::from_str::<Reason>(&json).expect("a reason"), reason);
        }
    }
}
