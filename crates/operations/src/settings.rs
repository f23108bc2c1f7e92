//! The options of `cinder.conf` that operations read, with Cinder's defaults.

use std::time::Duration;

use ashlar_db::quotas::Limits;

/// Options of operations. Names are Cinder's.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `quota_*`, `per_volume_size_limit` and `use_default_quota_class`.
    pub limits: Limits,
    /// Snapshots do not count against `gigabytes`.
    pub no_snapshot_gb_quota: bool,
    /// Type of a volume whose request and source name none.
    pub default_volume_type: String,
    /// Zone of this node's services, and of volumes when nothing else is said.
    pub storage_availability_zone: String,
    /// Zone of volumes, when it is another.
    pub default_availability_zone: Option<String>,
    /// A request for an unknown zone gets the default one instead of a refusal.
    pub allow_availability_zone_fallback: bool,
    /// A clone must be in its source's zone.
    pub cloned_volume_same_az: bool,
    /// A volume from a snapshot lives where the snapshot does.
    pub snapshot_same_host: bool,
    /// The scheduler is `simple`: an administrator may write `zone:host` for a zone, to name the host.
    pub forced_host_zones: bool,
    /// A service whose heartbeat is older is down.
    pub service_down_time: Duration,
    /// How long user messages are kept.
    pub message_ttl: Duration,
    /// Somebody wants notifications: `[oslo_messaging_notifications] driver` is none of those that drop them.
    pub notifications: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            no_snapshot_gb_quota: false,
            default_volume_type: "__DEFAULT__".to_owned(),
            storage_availability_zone: "nova".to_owned(),
            default_availability_zone: None,
            allow_availability_zone_fallback: false,
            cloned_volume_same_az: true,
            snapshot_same_host: true,
            forced_host_zones: false,
            service_down_time: Duration::from_secs(60),
            message_ttl: Duration::from_secs(30 * 24 * 3600),
            notifications: false,
        }
    }
}

impl Settings {
    /// The zone of a volume for which nothing else is said.
    #[must_use]
    pub fn default_zone(&self) -> &str {
        self.default_availability_zone.as_deref().unwrap_or(&self.storage_availability_zone)
    }
}
