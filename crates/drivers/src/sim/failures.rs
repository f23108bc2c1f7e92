//! Planned failures of the simulated backend: which call, when, and how.

use std::collections::HashMap;

use crate::error::FailureKind;

/// The calls of a driver, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// `check_setup`
    CheckSetup,
    /// `stats`
    Stats,
    /// `ensure_volume`
    EnsureVolume,
    /// `ensure_volume_from_snapshot`
    EnsureVolumeFromSnapshot,
    /// `ensure_clone`
    EnsureClone,
    /// `ensure_filled_volume`
    EnsureFilledVolume,
    /// `ensure_reverted`
    EnsureReverted,
    /// `ensure_refilled`
    EnsureRefilled,
    /// `open_volume`
    OpenVolume,
    /// `ensure_export`
    EnsureExport,
    /// `destroy_export`
    DestroyExport,
    /// `connect`
    Connect,
    /// `disconnect`
    Disconnect,
    /// `ensure_size`
    EnsureSize,
    /// `ensure_snapshot`
    EnsureSnapshot,
    /// `ensure_group_snapshot`
    EnsureGroupSnapshot,
    /// `destroy_snapshot`
    DestroySnapshot,
    /// `destroy_volume`
    DestroyVolume,
    /// `list`
    List,
    /// `list_manageable`
    ListManageable,
    /// `measure`
    Measure,
    /// `ensure_managed`
    EnsureManaged,
    /// `ensure_released`
    EnsureReleased,
}

/// Which occurrences of a call fail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    /// Every one.
    Always,
    /// Only this one, counted from 1 since the backend was made.
    Nth(u64),
    /// The first so many, counted since the backend was made.
    First(u64),
    /// Each with this probability, 0 to 1, drawn from the seed.
    Chance(f64),
}

/// A failure to come.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedFailure {
    /// The call that fails.
    pub call: Call,
    /// At which occurrences.
    pub when: When,
    /// What it says.
    pub kind: FailureKind,
    /// The call does its work and then says that it failed, as when an answer is lost on the way.
    pub after: bool,
}

impl PlannedFailure {
    /// A call that fails before it does anything.
    #[must_use]
    pub const fn before(call: Call, when: When, kind: FailureKind) -> Self {
        Self { call, when, kind, after: false }
    }

    /// A call that does its work and then fails.
    #[must_use]
    pub const fn after(call: Call, when: When, kind: FailureKind) -> Self {
        Self { call, when, kind, after: true }
    }
}

/// The plan and how often each call has come.
#[derive(Debug, Default)]
pub(super) struct Plan {
    seed: u64,
    planned: Vec<PlannedFailure>,
    counts: HashMap<Call, u64>,
}

impl Plan {
    pub(super) fn new(seed: u64, planned: Vec<PlannedFailure>) -> Self {
        Self { seed, planned, counts: HashMap::new() }
    }

    pub(super) fn add(&mut self, failure: PlannedFailure) {
        self.planned.push(failure);
    }

    pub(super) fn clear(&mut self) {
        self.planned.clear();
    }

    /// How often the call has come.
    pub(super) fn count(&self, call: Call) -> u64 {
        self.counts.get(&call).copied().unwrap_or(0)
    }

    /// Counts the call and says how it fails, if so: the first that fits of the plan.
    pub(super) fn next(&mut self, call: Call) -> Option<PlannedFailure> {
        let count = self.counts.entry(call).or_insert(0);
        *count += 1;
        let count = *count;
        let drawn =
            |place: usize| unit(self.seed ^ mixed(place as u64) ^ mixed(count << 8 | call as u64));
        self.planned
            .iter()
            .enumerate()
            .find(|(place, failure)| {
                failure.call == call
                    && match failure.when {
                        When::Always => true,
                        When::Nth(nth) => count == nth,
                        When::First(many) => count <= many,
                        When::Chance(chance) => drawn(*place) < chance,
                    }
            })
            .map(|(_, failure)| failure.clone())
    }
}

/// A number of 0 to 1 that looks random, from any other.
fn unit(from: u64) -> f64 {
    let high = u32::try_from(mixed(from) >> 32).unwrap_or(0);
    f64::from(high) / (f64::from(u32::MAX) + 1.0)
}

/// The finaliser of SplitMix64: nearby numbers come out far apart.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
