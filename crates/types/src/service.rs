//! Services: a role running on a host, with a heartbeat.

use std::time::Duration;

use crate::Timestamp;

/// One running role. Fields follow the table `services`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Row number.
    pub id: i64,
    /// Identity that volumes carry in `service_uuid`.
    pub uuid: Option<String>,
    /// `host` or `host@backend`.
    pub host: String,
    /// `cinder-volume`, `cinder-scheduler`, …
    pub binary: String,
    /// Message topic; the binary's name again.
    pub topic: Option<String>,
    /// Zone.
    pub availability_zone: String,
    /// An operator took it out.
    pub disabled: bool,
    /// Why.
    pub disabled_reason: Option<String>,
    /// Number of heartbeats.
    pub report_count: i64,
    /// Last heartbeat.
    pub updated_at: Option<Timestamp>,
    /// First seen.
    pub created_at: Option<Timestamp>,
    /// Cluster.
    pub cluster_name: Option<String>,
    /// Replication state of its backend.
    pub replication_status: Option<String>,
    /// Replication target in use.
    pub active_backend_id: Option<String>,
    /// Takes no new work and keeps what it has.
    pub frozen: bool,
    /// Last change that was no heartbeat, such as being taken out.
    pub modified_at: Option<Timestamp>,
}

impl Service {
    /// Its last heartbeat is at most `down_time` old.
    #[must_use]
    pub fn is_up(&self, now: Timestamp, down_time: Duration) -> bool {
        self.updated_at.or(self.created_at).is_some_and(|seen| now.since(seen) <= down_time)
    }
}
