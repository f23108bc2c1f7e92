//! What keeps a pool from being judged at all.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What keeps a pool from being judged. Each stands for an exception that Cinder's scheduler raises; there the whole
/// request fails, here the pool is left out and the others go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Its total capacity is no number.
    Total,
    /// Its free capacity is no number.
    Free,
    /// Its provisioned capacity is no number.
    Provisioned,
    /// Its reserved percentage is no number.
    ReservedPercentage,
    /// Its over-subscription ratio is no number, or `auto` cannot be worked out.
    Ratio,
    /// All is kept in reserve, so that no ratio to it exists.
    NothingAvailable,
    /// What it reports cannot be held against the type's demand of this number.
    Capability(u16),
    /// Its `goodness_function` gives something that is no number.
    Goodness,
    /// Every pool's capacity is infinite or unknown, and the fullest is to be taken.
    NothingToWeigh,
    /// The hint `local_to_instance` is no instance's identity.
    InstanceHint,
    /// The instance's host could not be learnt.
    Instance,
    /// The hint `query` cannot be read, or does not fit what the pool reports.
    Query,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Total => "its total capacity is no number",
            Self::Free => "its free capacity is no number",
            Self::Provisioned => "its provisioned capacity is no number",
            Self::ReservedPercentage => "its reserved percentage is no number",
            Self::Ratio => "its over-subscription ratio is no number or cannot be worked out",
            Self::NothingAvailable => "all of it is kept in reserve",
            Self::Capability(_) => "what it reports cannot be compared with the extra spec",
            Self::Goodness => "its goodness_function gives no number",
            Self::NothingToWeigh => {
                "every candidate's capacity is infinite or unknown, so none is the fullest"
            }
            Self::InstanceHint => "the hint 'local_to_instance' is no instance's identity",
            Self::Instance => "the host of the instance in 'local_to_instance' could not be learnt",
            Self::Query => "the hint 'query' cannot be applied to it",
        })
    }
}
