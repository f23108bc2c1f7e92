//! What is shown of a cluster.

use std::time::Duration;

use ashlar_types::{Cluster, Timestamp};
use serde::Serialize;

use crate::request::Request;
use crate::version::{Version, v3};

/// From here on with what there is about replication.
pub(super) const REPLICATION: Version = v3(26);

/// The short view. An outer `None` leaves the field out.
#[derive(Serialize)]
pub(super) struct Summary<'c> {
    name: &'c str,
    binary: &'c str,
    state: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    replication_status: Option<Option<&'c str>>,
}

/// The long one.
#[derive(Serialize)]
pub(super) struct Detail<'c> {
    #[serde(flatten)]
    summary: Summary<'c>,
    num_hosts: i64,
    num_down_hosts: i64,
    // Where there is no time, Cinder has an empty text in place of null.
    last_heartbeat: String,
    created_at: String,
    updated_at: String,
    disabled_reason: Option<&'c str>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    replication: Option<Replication<'c>>,
}

#[derive(Serialize)]
struct Replication<'c> {
    frozen: bool,
    active_backend_id: Option<&'c str>,
}

/// What the views depend on beside the cluster.
pub(super) struct Shown {
    pub(super) version: Version,
    pub(super) now: Timestamp,
    pub(super) down_time: Duration,
}

impl Shown {
    /// As this request is to see it.
    pub(super) fn to(request: &Request) -> Self {
        let app = &request.app;
        let down_time = app.operations.settings.service_down_time;
        Self { version: request.version, now: app.clock.now(), down_time }
    }

    pub(super) fn summary<'c>(&self, cluster: &'c Cluster) -> Summary<'c> {
        let is_up = cluster.is_up(self.now, self.down_time);
        Summary {
            name: &cluster.name,
            binary: &cluster.binary,
            state: if is_up { "up" } else { "down" },
            status: if cluster.disabled { "disabled" } else { "enabled" },
            replication_status: (self.version >= REPLICATION)
                .then_some(cluster.replication_status.as_deref()),
        }
    }

    pub(super) fn detail<'c>(&self, cluster: &'c Cluster) -> Detail<'c> {
        let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        Detail {
            summary: self.summary(cluster),
            num_hosts: cluster.num_hosts,
            num_down_hosts: cluster.num_down_hosts,
            last_heartbeat: time(cluster.last_heartbeat),
            created_at: time(cluster.created_at),
            updated_at: time(cluster.updated_at),
            disabled_reason: cluster.disabled_reason.as_deref(),
            replication: (self.version >= REPLICATION).then_some(Replication {
                frozen: cluster.frozen,
                active_backend_id: cluster.active_backend_id.as_deref(),
            }),
        }
    }
}
