//! Quota: what a project may have. The arithmetic is pure; `db` keeps the numbers.

use serde::{Deserialize, Serialize};

/// A limit of −1: none.
pub const UNLIMITED: i64 = -1;

/// Usage of one resource by one project.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Taken.
    pub in_use: i64,
    /// Promised by work under way elsewhere (Cinder's reservations; ours are immediate).
    pub reserved: i64,
}

/// A resource by Cinder's name (`volumes`, `gigabytes_gold`) and how much more of it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// Resource name.
    pub resource: String,
    /// Change, negative to give back.
    pub amount: i64,
}

impl Delta {
    /// A change of `amount` to `resource`.
    pub fn new(resource: impl Into<String>, amount: i64) -> Self {
        Self { resource: resource.into(), amount }
    }
}

/// A limit would be passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    /// Resource name.
    pub resource: String,
    /// How much was asked.
    pub requested: i64,
    /// The limit.
    pub limit: i64,
    /// In use and reserved, together.
    pub consumed: i64,
}

/// Whether `amount` more fits under `limit`. Giving back always fits.
#[must_use]
pub fn fits(limit: i64, usage: Usage, amount: i64) -> bool {
    limit < 0
        || amount <= 0
        || usage.in_use.saturating_add(usage.reserved).saturating_add(amount) <= limit
}

/// Changes for `count` volumes (or fewer, negative) of `gigabytes` in all and of one type.
#[must_use]
pub fn volume_deltas(count: i64, gigabytes: i64, type_name: Option<&str>) -> Vec<Delta> {
    deltas("volumes", count, gigabytes, type_name)
}

/// Changes for `count` snapshots of `gigabytes` in all; no gigabytes when `no_snapshot_gb_quota`.
#[must_use]
pub fn snapshot_deltas(
    count: i64,
    gigabytes: i64,
    type_name: Option<&str>,
    no_snapshot_gb_quota: bool,
) -> Vec<Delta> {
    deltas("snapshots", count, if no_snapshot_gb_quota { 0 } else { gigabytes }, type_name)
}

fn deltas(kind: &str, count: i64, gigabytes: i64, type_name: Option<&str>) -> Vec<Delta> {
    let mut deltas = Vec::with_capacity(4);
    let mut add = |resource: String, amount: i64| {
        if amount != 0 {
            deltas.push(Delta { resource, amount });
        }
    };
    add(kind.to_owned(), count);
    add("gigabytes".to_owned(), gigabytes);
    if let Some(name) = type_name {
        add(format!("{kind}_{name}"), count);
        add(format!("gigabytes_{name}"), gigabytes);
    }
    deltas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_met_exactly_and_not_passed() {
        let usage = Usage { in_use: 8, reserved: 1 };
        assert!(fits(10, usage, 1));
        assert!(!fits(10, usage, 2));
        assert!(fits(UNLIMITED, usage, i64::MAX));
        assert!(fits(0, usage, -1));
    }

    #[test]
    fn a_typed_volume_counts_twice() {
        let names: Vec<_> =
            volume_deltas(1, 5, Some("gold")).into_iter().map(|d| d.resource).collect();
        assert_eq!(names, ["volumes", "gigabytes", "volumes_gold", "gigabytes_gold"]);
        assert_eq!(snapshot_deltas(1, 5, None, true), [Delta::new("snapshots", 1)]);
    }
}
