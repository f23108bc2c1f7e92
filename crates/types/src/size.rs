//! Sizes of volumes: whole gibibytes, the only unit the API knows.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// A size in GiB. The API admits 1 to 2,147,483,647; sums may be larger.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Gib(pub u64);

impl Gib {
    /// The largest size that a volume may have: the column is a signed 32-bit integer.
    pub const MAX: Self = Self(i32::MAX as u64);

    /// The size in bytes; saturates, since no storage is that large.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self.0.saturating_mul(1 << 30)
    }

    /// What is left after taking `other` away, never less than nothing.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// As a signed number, for counters and columns.
    #[must_use]
    pub fn signed(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }
}

impl Add for Gib {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Gib {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}

impl Sum for Gib {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self(0), Add::add)
    }
}

impl fmt::Display for Gib {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} GiB", self.0)
    }
}
