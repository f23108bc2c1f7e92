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
    /// Name of the type that `GET /group_types/default` shows.
    pub default_group_type: Option<String>,
    /// Digits in the key of an offer of a volume (`volume_transfer_key_length`).
    pub transfer_key_length: usize,
    /// Digits that are mixed into what the key is checked with (`volume_transfer_salt_length`).
    pub transfer_salt_length: usize,
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
    /// How long a request that waits for an operation's end does so; the operation itself goes on.
    pub answer_within: Duration,
    /// `[keystone_authtoken] service_token_roles`: who has one of these in a service's token is a service.
    pub service_token_roles: Vec<String>,
    /// Callers are known for sure, and not all of them are trusted: a volume that a server has is given up only when
    /// Nova says so, and not when nobody can ask Nova.
    pub guards_servers: bool,
    /// How long user messages are kept.
    pub message_ttl: Duration,
    /// A volume in use may be sent to an image when that is forced.
    pub enable_force_upload: bool,
    /// A qcow2 image that is made of a volume is compressed.
    pub image_compress_on_upload: bool,
    /// What a volume keeps of its image and an image made from the volume does not get.
    pub glance_core_properties: Vec<String>,
    /// Namespaces of further properties that it does not get.
    pub reserved_image_namespaces: Vec<String>,
    /// Somebody wants notifications: `[oslo_messaging_notifications] driver` is none of those that drop them.
    pub notifications: bool,
    /// Name of this node, for the events that it tells of.
    pub host: String,
}

/// Cinder's default for `glance_core_properties`.
pub const GLANCE_CORE_PROPERTIES: [&str; 9] = [
    "checksum",
    "container_format",
    "disk_format",
    "image_name",
    "image_id",
    "min_disk",
    "min_ram",
    "name",
    "size",
];

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            no_snapshot_gb_quota: false,
            default_volume_type: "__DEFAULT__".to_owned(),
            default_group_type: None,
            transfer_key_length: 16,
            transfer_salt_length: 8,
            storage_availability_zone: "nova".to_owned(),
            default_availability_zone: None,
            allow_availability_zone_fallback: false,
            cloned_volume_same_az: true,
            snapshot_same_host: true,
            forced_host_zones: false,
            service_down_time: Duration::from_secs(60),
            answer_within: Duration::from_secs(60),
            service_token_roles: vec!["service".to_owned()],
            guards_servers: false,
            message_ttl: Duration::from_secs(30 * 24 * 3600),
            enable_force_upload: false,
            image_compress_on_upload: true,
            glance_core_properties: GLANCE_CORE_PROPERTIES.map(str::to_owned).into(),
            reserved_image_namespaces: Vec::new(),
            notifications: false,
            host: "localhost".to_owned(),
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
