//! The configuration as the roles use it: typed, checked, complete.

mod backends;
pub(super) mod exports;
mod identity;
mod images;
mod neighbours;
mod notifications;
mod placement;
mod policy;
mod read;
mod sim;
mod text;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ashlar_api::filters::Configured;
use ashlar_api::project_id::ProjectIdPattern;
use ashlar_clients::nova;
use ashlar_db::DatabaseUrl;
use ashlar_placement::Rules;
use ashlar_scheduler::Outlets;

pub(crate) use backends::BackendSettings;
pub(crate) use identity::IdentitySettings;
pub(crate) use images::{ImageCache, ImageSettings};
pub(crate) use sim::{Failure, Pools};
pub(crate) use text::{Capabilities, Listener, Ratio, Scheduler, WeightHandler};

use super::error::ConfigError;
use super::options::{log, service};
use super::values::Values;

/// All of it.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Name of this node.
    pub(crate) host: String,
    /// Where we keep things.
    pub(crate) state_path: PathBuf,
    /// A message bus was configured, of which only notifications make use.
    pub(crate) has_transport_url: bool,
    /// Heartbeats and reports.
    pub(crate) service: ServiceSettings,
    /// The API.
    pub(crate) api: ApiSettings,
    /// Rules for new volumes.
    pub(crate) volumes: VolumeRules,
    /// Choosing pools: strategy, filters, weighers, attempts.
    pub(crate) placement: Rules,
    /// `scheduler_json_config_location`.
    pub(crate) placement_options: Option<PathBuf>,
    /// Our account at Keystone.
    pub(crate) identity: Option<IdentitySettings>,
    /// The account with which Nova is asked.
    pub(crate) nova: Option<nova::Settings>,
    /// Glance, conversions, the owner of the image cache.
    pub(crate) images: ImageSettings,
    /// Where notifications go. They are made only where they go somewhere.
    pub(crate) notifications: Outlets,
    /// What a project may have.
    pub(crate) quota: QuotaSettings,
    /// The tables.
    pub(crate) database: DatabaseSettings,
    /// The log.
    pub(crate) log: LogSettings,
    /// Enabled backends in the order of `enabled_backends`; may be none on a node that serves only the API.
    pub(crate) backends: Vec<BackendSettings>,
}

/// Heartbeats, reports, periodic work.
#[derive(Debug, Clone)]
pub(crate) struct ServiceSettings {
    /// `report_interval`.
    pub(crate) report_interval: Duration,
    /// `service_down_time`, always above the report interval.
    pub(crate) down_time: Duration,
    /// `backend_stats_polling_interval`.
    pub(crate) stats_interval: Duration,
    /// `message_ttl`.
    pub(crate) message_ttl: Duration,
}

/// Who may use the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuthStrategy {
    /// Everyone, as an administrator (`noauth` and `noauth_include_project_id`).
    Noauth,
    /// Who has a token of Keystone's; there is an account to ask with.
    Keystone,
}

/// The API.
#[derive(Debug, Clone)]
pub(crate) struct ApiSettings {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Base of links, without a slash at the end.
    pub(crate) public_endpoint: Option<String>,
    /// Who may use it.
    pub(crate) auth: AuthStrategy,
    /// `osapi_max_limit`.
    pub(crate) max_limit: u32,
    /// `[oslo_middleware] max_request_body_size`, in bytes.
    pub(crate) max_body: u64,
    /// `[oslo_middleware] enable_proxy_headers_parsing`.
    pub(crate) trusts_proxy: bool,
    /// `project_id_regex`.
    pub(crate) project_id_regex: ProjectIdPattern,
    /// Where the rules of who may do what come from.
    pub(crate) policy: ashlar_api::policy::Settings,
    /// Content of `resource_query_filters_file`, else Cinder's own table.
    pub(crate) query_filters: Configured,
}

/// Rules for new volumes.
#[derive(Debug, Clone)]
pub(crate) struct VolumeRules {
    /// `default_volume_type`.
    pub(crate) default_type: String,
    /// `storage_availability_zone`.
    pub(crate) storage_zone: String,
    /// `default_availability_zone`, else the storage zone.
    pub(crate) default_zone: String,
    /// `allow_availability_zone_fallback`.
    pub(crate) zone_fallback: bool,
    /// `cloned_volume_same_az`.
    pub(crate) cloned_same_zone: bool,
    /// `snapshot_same_host`.
    pub(crate) snapshot_same_host: bool,
    /// `default_group_type`.
    pub(crate) default_group_type: Option<String>,
    /// `volume_transfer_key_length`.
    pub(crate) transfer_key_length: usize,
    /// `volume_transfer_salt_length`.
    pub(crate) transfer_salt_length: usize,
    /// `zone:host` names a host: `scheduler_driver` is `simple`.
    pub(crate) forced_host_zones: bool,
}

/// What a project may have; −1 is no limit.
#[derive(Debug, Clone)]
pub(crate) struct QuotaSettings {
    /// Cinder's resource names with their limits: volumes, snapshots, gigabytes, backups, backup_gigabytes,
    /// groups, per_volume_gigabytes.
    pub(crate) limits: [(&'static str, i64); 7],
    /// `no_snapshot_gb_quota`.
    pub(crate) no_snapshot_gigabytes: bool,
    /// `use_default_quota_class`.
    pub(crate) use_default_class: bool,
}

/// The tables.
#[derive(Debug, Clone)]
pub(crate) struct DatabaseSettings {
    /// Where they are; shows no password.
    pub(crate) url: DatabaseUrl,
    /// Most connections at once: `max_pool_size` and `max_overflow` together.
    pub(crate) max_connections: u32,
    /// `pool_timeout`.
    pub(crate) acquire_timeout: Duration,
}

/// The log.
#[derive(Debug, Clone)]
pub(crate) struct LogSettings {
    /// `debug`.
    pub(crate) debug: bool,
    /// `use_json`.
    pub(crate) json: bool,
    /// `log_file`.
    pub(crate) file: Option<PathBuf>,
    /// `log_dir`.
    pub(crate) directory: Option<PathBuf>,
}

impl Settings {
    /// Reads and checks everything that is built.
    pub(crate) fn read(values: &Values) -> Result<Self, ConfigError> {
        let state_path = values.require(&service::STATE_PATH)?;
        let host = match values.get(&service::HOST)? {
            Some(host) if read::usable_host(&host) => host,
            Some(_) => return Err(values.refuse(&service::HOST.entry, read::NOT_A_HOST)),
            None => values.machine().to_owned(),
        };
        let api = read::api(values)?;
        Ok(Self {
            has_transport_url: values.get(&service::TRANSPORT_URL)?.is_some(),
            service: read::service(values)?,
            identity: identity::read(values, api.auth == AuthStrategy::Keystone)?,
            api,
            volumes: read::volume_rules(values)?,
            placement: placement::rules(values)?,
            placement_options: placement::options_file(values)?,
            nova: neighbours::nova(values)?,
            images: images::read(values)?,
            notifications: notifications::read(values)?,
            quota: read::quota(values)?,
            database: read::database(values, &state_path)?,
            log: LogSettings {
                debug: values.require(&log::DEBUG)?,
                json: values.require(&log::USE_JSON)?,
                file: values.get(&log::LOG_FILE)?,
                directory: values.get(&log::LOG_DIR)?,
            },
            backends: backends::read(values, &host)?,
            host,
            state_path,
        })
    }
}

#[cfg(test)]
mod tests;
