//! From values to settings, one part at a time; each checks what one option alone cannot tell.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use ashlar_api::filters::Configured;
use ashlar_api::project_id::ProjectIdPattern;
use ashlar_db::DatabaseUrl;

use super::{
    ApiSettings, AuthStrategy, DatabaseSettings, QuotaSettings, Scheduler, ServiceSettings,
    VolumeRules,
};
use crate::config::error::{ConfigError, Origin};
use crate::config::options;
use crate::config::values::Values;

/// Connections that stand for oslo.db's "no limit".
const MANY_CONNECTIONS: u32 = 1000;

/// What is wrong with a name that is not [`usable_host`].
pub(super) const NOT_A_HOST: &str =
    "a host's name has 1 to 200 characters and neither @ nor # nor white space";

/// Whether `host@backend#pool` can be taken apart again; the column holds 255 characters.
pub(super) fn usable_host(host: &str) -> bool {
    (1..=200).contains(&host.len())
        && !host.contains(['@', '#'])
        && !host.contains(char::is_whitespace)
}

pub(super) fn service(values: &Values) -> Result<ServiceSettings, ConfigError> {
    let report_interval: Duration = values.require(&options::service::REPORT_INTERVAL)?;
    let mut down_time = values.require(&options::service::SERVICE_DOWN_TIME)?;
    if down_time <= report_interval {
        // Cinder corrects this at start instead of refusing it.
        down_time = report_interval.saturating_mul(5) / 2;
    }
    Ok(ServiceSettings {
        report_interval,
        down_time,
        stats_interval: values.require(&options::service::BACKEND_STATS_POLLING_INTERVAL)?,
        message_ttl: values.require(&options::service::MESSAGE_TTL)?,
    })
}

pub(super) fn api(values: &Values) -> Result<ApiSettings, ConfigError> {
    let auth = match values.require(&options::api::AUTH_STRATEGY)?.as_str() {
        "keystone" => AuthStrategy::Keystone,
        _ => AuthStrategy::Noauth,
    };
    let listener = values.require(&options::api::OSAPI_VOLUME_LISTEN)?;
    let public_endpoint = values.get(&options::api::PUBLIC_ENDPOINT)?;
    if public_endpoint.as_deref().is_some_and(|url| !is_http(url)) {
        let problem = "expected a URL that starts with http:// or https://";
        return Err(values.refuse(&options::api::PUBLIC_ENDPOINT.entry, problem));
    }
    let pattern = &options::api::PROJECT_ID_REGEX;
    let project_id_regex = ProjectIdPattern::parse(&values.require(pattern)?)
        .map_err(|problem| values.refuse(&pattern.entry, problem))?;
    Ok(ApiSettings {
        listen: SocketAddr::new(
            listener.0,
            values.require(&options::api::OSAPI_VOLUME_LISTEN_PORT)?,
        ),
        public_endpoint: public_endpoint.map(|url| url.trim_end_matches('/').to_owned()),
        auth,
        max_limit: values.require(&options::api::OSAPI_MAX_LIMIT)?,
        max_body: values.require(&options::api::MAX_REQUEST_BODY_SIZE)?,
        trusts_proxy: values.require(&options::api::ENABLE_PROXY_HEADERS_PARSING)?,
        project_id_regex,
        policy: super::policy::read(values)?,
        query_filters: query_filters(values)?,
    })
}

/// The file that says which filters members may use, when there is one.
fn query_filters(values: &Values) -> Result<Configured, ConfigError> {
    let option = &options::api::RESOURCE_QUERY_FILTERS_FILE;
    let Some(path) = values.get(option)? else { return Ok(Configured::default()) };
    let refuse =
        |problem: String| values.refuse(&option.entry, format!("{} {problem}", path.display()));
    let text = std::fs::read_to_string(&path)
        .map_err(|error| refuse(format!("cannot be read: {error}")))?;
    serde_json::from_str(&text)
        .map_err(|error| refuse(format!("is no object of lists of filters: {error}")))
}

pub(super) fn is_http(url: &str) -> bool {
    !url.contains(|sign: char| sign.is_whitespace() || sign.is_control())
        && ["http://", "https://"]
            .iter()
            .any(|scheme| url.len() > scheme.len() && url.starts_with(scheme))
}

pub(super) fn volume_rules(values: &Values) -> Result<VolumeRules, ConfigError> {
    let storage_zone = values.require(&options::service::STORAGE_AVAILABILITY_ZONE)?;
    let default_type = values.require(&options::api::DEFAULT_VOLUME_TYPE)?;
    if default_type.is_empty() {
        return Err(
            values.refuse(&options::api::DEFAULT_VOLUME_TYPE.entry, "must name a volume type")
        );
    }
    Ok(VolumeRules {
        default_type,
        default_zone: values
            .get(&options::service::DEFAULT_AVAILABILITY_ZONE)?
            .filter(|zone| !zone.is_empty())
            .unwrap_or_else(|| storage_zone.clone()),
        storage_zone,
        zone_fallback: values.require(&options::api::ALLOW_AVAILABILITY_ZONE_FALLBACK)?,
        cloned_same_zone: values.require(&options::api::CLONED_VOLUME_SAME_AZ)?,
        snapshot_same_host: values.require(&options::api::SNAPSHOT_SAME_HOST)?,
        default_group_type: values
            .get(&options::api::DEFAULT_GROUP_TYPE)?
            .filter(|name| !name.is_empty()),
        transfer_key_length: values.require(&options::api::VOLUME_TRANSFER_KEY_LENGTH)?.into(),
        transfer_salt_length: values.require(&options::api::VOLUME_TRANSFER_SALT_LENGTH)?.into(),
        forced_host_zones: values.require(&options::scheduler::SCHEDULER_DRIVER)?
            == Scheduler::Simple,
    })
}

pub(super) fn quota(values: &Values) -> Result<QuotaSettings, ConfigError> {
    Ok(QuotaSettings {
        limits: [
            ("volumes", values.require(&options::quota::QUOTA_VOLUMES)?),
            ("snapshots", values.require(&options::quota::QUOTA_SNAPSHOTS)?),
            ("gigabytes", values.require(&options::quota::QUOTA_GIGABYTES)?),
            ("backups", values.require(&options::quota::QUOTA_BACKUPS)?),
            ("backup_gigabytes", values.require(&options::quota::QUOTA_BACKUP_GIGABYTES)?),
            ("groups", values.require(&options::quota::QUOTA_GROUPS)?),
            ("per_volume_gigabytes", values.require(&options::quota::PER_VOLUME_SIZE_LIMIT)?),
        ],
        no_snapshot_gigabytes: values.require(&options::quota::NO_SNAPSHOT_GB_QUOTA)?,
        use_default_class: values.require(&options::quota::USE_DEFAULT_QUOTA_CLASS)?,
    })
}

pub(super) fn database(
    values: &Values,
    state_path: &Path,
) -> Result<DatabaseSettings, ConfigError> {
    let entry = &options::database::CONNECTION.entry;
    let url = match values.origin(entry) {
        // Not by way of a URL: a directory's name may hold what a URL reads as something else.
        Origin::Default => DatabaseUrl::Sqlite(state_path.join("ashlar.db")),
        _ => DatabaseUrl::parse(&values.require(&options::database::CONNECTION)?)
            .map_err(|error| values.refuse(entry, error.to_string()))?,
    };
    let max_connections = match values.require(&options::database::MAX_POOL_SIZE)? {
        0 => MANY_CONNECTIONS,
        size => size + values.require(&options::database::MAX_OVERFLOW)?,
    };
    Ok(DatabaseSettings {
        url,
        max_connections,
        acquire_timeout: values.require(&options::database::POOL_TIMEOUT)?,
    })
}
