//! From the configuration to the settings of each role: the same values under the roles' own names.

use std::sync::Arc;

use ashlar_api::ApiSettings;
use ashlar_api::auth::AuthStrategy;
use ashlar_db::quotas::Limits;
use ashlar_volume::Backend;

use super::shared::Shared;
use crate::config::{self, Settings};

/// What operations read.
pub(super) fn operations(settings: &Settings) -> ashlar_operations::Settings {
    let (rules, quota) = (&settings.volumes, &settings.quota);
    let defaults = quota.limits.iter().map(|&(name, limit)| (name.to_owned(), limit)).collect();
    ashlar_operations::Settings {
        limits: Limits {
            defaults,
            use_default_class: quota.use_default_class,
            no_snapshot_gb_quota: quota.no_snapshot_gigabytes,
        },
        no_snapshot_gb_quota: quota.no_snapshot_gigabytes,
        default_volume_type: rules.default_type.clone(),
        storage_availability_zone: rules.storage_zone.clone(),
        default_availability_zone: Some(rules.default_zone.clone()),
        allow_availability_zone_fallback: rules.zone_fallback,
        cloned_volume_same_az: rules.cloned_same_zone,
        snapshot_same_host: rules.snapshot_same_host,
        forced_host_zones: rules.forced_host_zones,
        service_down_time: settings.service.down_time,
        message_ttl: settings.service.message_ttl,
        notifications: settings.notifications,
    }
}

/// What the API reads.
pub(super) fn api(settings: &Settings) -> ApiSettings {
    let api = &settings.api;
    ApiSettings {
        auth_strategy: match api.auth {
            config::AuthStrategy::Noauth => AuthStrategy::NoAuth,
        },
        public_endpoint: api.public_endpoint.clone(),
        enable_proxy_headers_parsing: api.trusts_proxy,
        max_request_body_size: usize::try_from(api.max_body).unwrap_or(usize::MAX),
        osapi_max_limit: usize::try_from(api.max_limit).unwrap_or(usize::MAX),
        project_id_regex: api.project_id_regex.clone(),
        resource_filters: api.query_filters.clone(),
        ..ApiSettings::default()
    }
}

/// The backends of this node, none of them set up yet.
pub(super) fn backends(shared: &Shared, settings: &Settings) -> Vec<Backend> {
    let backend = |backend: &config::BackendSettings| Backend {
        db: shared.db.clone(),
        clock: shared.clock.clone(),
        settings: Arc::clone(&shared.settings),
        name: backend.name.clone(),
        availability_zone: backend.zone.clone(),
        driver: ashlar_drivers::open(backend.settings.clone()),
        max_attempts: settings.placement.max_attempts(),
        report_interval: settings.service.report_interval,
        stats_interval: settings.service.stats_interval,
        service_uuid: None,
        freed: Default::default(),
    };
    settings.backends.iter().map(backend).collect()
}
