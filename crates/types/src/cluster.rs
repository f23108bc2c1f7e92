//! Clusters: services that share their work, as Cinder writes them down.

use std::time::Duration;

use crate::Timestamp;

/// One cluster. Fields follow the table `clusters`, and what is summed up of its services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Row number.
    pub id: i64,
    /// `cluster` or `cluster@backend`.
    pub name: String,
    /// What its services are: `cinder-volume`.
    pub binary: String,
    /// An operator took it out.
    pub disabled: bool,
    /// Why.
    pub disabled_reason: Option<String>,
    /// How many services it has.
    pub num_hosts: i64,
    /// How many of them have been silent for too long.
    pub num_down_hosts: i64,
    /// The latest heartbeat of any of its services.
    pub last_heartbeat: Option<Timestamp>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Last change.
    pub updated_at: Option<Timestamp>,
    /// Replication state of its backend.
    pub replication_status: Option<String>,
    /// Takes no new work and keeps what it has.
    pub frozen: bool,
    /// Replication target in use.
    pub active_backend_id: Option<String>,
}

impl Cluster {
    /// One of its services lives: the latest heartbeat is at most `down_time` old.
    #[must_use]
    pub fn is_up(&self, now: Timestamp, down_time: Duration) -> bool {
        self.last_heartbeat.is_some_and(|seen| now.since(seen) <= down_time)
    }
}
