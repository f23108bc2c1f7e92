//! Backends and pools: the places where volumes can live, and what they report of themselves.

mod report;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Gib, Timestamp};
pub use report::Report;

/// A configured driver on a host: `host@backend`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BackendName(pub String);

/// A place in a backend: `host@backend#pool`. Shorter forms occur in old rows and are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PoolName(pub String);

impl BackendName {
    /// `host@backend`.
    #[must_use]
    pub fn new(host: &str, backend: &str) -> Self {
        Self(format!("{host}@{backend}"))
    }

    /// The machine's part.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.split('@').next().unwrap_or(&self.0)
    }

    /// The pool `pool` of this backend.
    #[must_use]
    pub fn pool(&self, pool: &str) -> PoolName {
        PoolName(format!("{}#{pool}", self.0))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PoolName {
    /// `host@backend`, without the pool.
    #[must_use]
    pub fn backend(&self) -> BackendName {
        BackendName(self.0.split('#').next().unwrap_or(&self.0).to_owned())
    }

    /// The machine's part.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.split(['@', '#']).next().unwrap_or(&self.0)
    }

    /// The pool's own name, when there is one.
    #[must_use]
    pub fn pool(&self) -> Option<&str> {
        self.0.split_once('#').map(|(_, pool)| pool)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BackendName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PoolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A capacity as backends report it: a number of GiB, or one of two words.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "Value", into = "Value")]
pub enum Capacity {
    /// So many GiB; may have a fraction.
    Gib(f64),
    /// `infinite`: never the reason to refuse.
    Infinite,
    /// `unknown`: the backend cannot tell.
    Unknown,
}

impl Capacity {
    /// The number, when it is one.
    #[must_use]
    pub fn gib(self) -> Option<f64> {
        match self {
            Self::Gib(gib) => Some(gib),
            Self::Infinite | Self::Unknown => None,
        }
    }
}

impl From<Value> for Capacity {
    fn from(value: Value) -> Self {
        match &value {
            Value::Number(number) => number.as_f64().map_or(Self::Unknown, Self::Gib),
            Value::String(text) if text == "infinite" => Self::Infinite,
            Value::String(text) => text.parse().map_or(Self::Unknown, Self::Gib),
            _ => Self::Unknown,
        }
    }
}

impl From<Capacity> for Value {
    fn from(capacity: Capacity) -> Self {
        match capacity {
            Capacity::Gib(gib) => Self::from(gib),
            Capacity::Infinite => Self::from("infinite"),
            Capacity::Unknown => Self::from("unknown"),
        }
    }
}

/// What a driver reports of one pool. Keys beyond these are in `capabilities`, as the driver gave them.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolStats {
    /// The pool's own name, after the `#`.
    pub pool_name: String,
    /// Size of the storage behind it.
    pub total: Capacity,
    /// What is not taken there, by anyone.
    pub free: Capacity,
    /// Percentage of `total` that is not handed out.
    pub reserved_percentage: u32,
    /// How often the capacity may be sold when thin; `None` is `auto`.
    pub max_over_subscription_ratio: Option<f64>,
    /// Volumes take only what is written.
    pub thin: bool,
    /// Volumes can be fully backed.
    pub thick: bool,
    /// All else that the driver says of the backend and the pool: `volume_backend_name`,
    /// `vendor_name`, `storage_protocol`, `driver_version`, … Where a key is one of the figures above, this wins.
    pub capabilities: Map<String, Value>,
}

/// Whether the service that serves a pool can be given work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// It is up and enabled, and the pool is in its last report.
    #[default]
    Up,
    /// Its last heartbeat is too old, or it has none.
    Down,
    /// An operator disabled it.
    Disabled,
    /// An operator froze it.
    Frozen,
    /// The pool is not in its backend's last report.
    Unreported,
}

/// A pool as a scheduler sees it: the last report and what the tables say is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// Full name.
    pub name: PoolName,
    /// Zone of the service that serves it.
    pub availability_zone: String,
    /// State of that service.
    pub availability: Availability,
    /// The last report.
    pub stats: Arc<Report>,
    /// When the backend was asked for it: a report with the same moment is the same report.
    pub asked_at: Timestamp,
    /// Sizes of the volumes and snapshots that live there, together, by our own tables.
    pub allocated: u64,
    /// Capacity promised to operations under way.
    pub held: u64,
    /// What was taken (held or allocated) that the last report cannot know of.
    pub unreported: u64,
    /// Number of volumes there.
    pub volumes: u64,
    /// Number of volumes that are being made there.
    pub making: u64,
    /// Number of the state that these figures come from; goes up with every change.
    pub version: i64,
}

impl Pool {
    /// Counts `size` as held here, unknown to the report, and `volumes` as being made here. Only in memory.
    pub fn take(&mut self, size: Gib, volumes: u64) {
        self.held = self.held.saturating_add(size.0);
        self.unreported = self.unreported.saturating_add(size.0);
        self.making = self.making.saturating_add(volumes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_name_comes_apart() {
        let name = PoolName("node-1@fast#ssd".to_owned());
        assert_eq!(name.host(), "node-1");
        assert_eq!(name.backend().as_str(), "node-1@fast");
        assert_eq!(name.pool(), Some("ssd"));
        assert_eq!(PoolName("node-1".to_owned()).pool(), None);
    }

    #[test]
    fn a_capacity_is_a_number_or_a_word() {
        let read = |text: &str| serde_json::from_str::<Capacity>(text).expect("a capacity");
        assert_eq!(read("12.5"), Capacity::Gib(12.5));
        assert_eq!(read("\"infinite\""), Capacity::Infinite);
        assert_eq!(read("\"unknown\""), Capacity::Unknown);
        assert_eq!(serde_json::to_string(&Capacity::Infinite).expect("json"), "\"infinite\"");
    }
}
