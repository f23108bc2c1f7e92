//! From the configuration to the settings of each role: the same values under the roles' own names.

use std::num::NonZero;
use std::sync::Arc;

use anyhow::Context as _;
use ashlar_api::ApiSettings;
use ashlar_api::auth::AuthStrategy;
use ashlar_api::auth::keystone::Gate;
use ashlar_clients::glance::Glance;
use ashlar_clients::keystone::{Keystone, Tokens};
use ashlar_db::quotas::Limits;
use ashlar_images::convert;
use ashlar_operations::{ApiContext, CacheLimits, ImageCache, Images};
use ashlar_volume::Backend;

use super::shared::Shared;
use crate::config::{self, Settings};

/// What operations read.
pub(super) fn operations(settings: &Settings) -> ashlar_operations::Settings {
    let (rules, quota) = (&settings.volumes, &settings.quota);
    let defaults = quota.limits.iter().map(|&(name, limit)| (name.to_owned(), limit)).collect();
    let usual = ashlar_operations::Settings::default();
    let service_token_roles = match &settings.identity {
        Some(identity) => identity.rules.service_token_roles.clone(),
        None => usual.service_token_roles.clone(),
    };
    ashlar_operations::Settings {
        limits: Limits {
            defaults,
            use_default_class: quota.use_default_class,
            no_snapshot_gb_quota: quota.no_snapshot_gigabytes,
        },
        no_snapshot_gb_quota: quota.no_snapshot_gigabytes,
        default_volume_type: rules.default_type.clone(),
        default_group_type: rules.default_group_type.clone(),
        transfer_key_length: rules.transfer_key_length,
        transfer_salt_length: rules.transfer_salt_length,
        storage_availability_zone: rules.storage_zone.clone(),
        default_availability_zone: Some(rules.default_zone.clone()),
        allow_availability_zone_fallback: rules.zone_fallback,
        cloned_volume_same_az: rules.cloned_same_zone,
        snapshot_same_host: rules.snapshot_same_host,
        forced_host_zones: rules.forced_host_zones,
        service_down_time: settings.service.down_time,
        service_token_roles,
        guards_servers: settings.api.auth == config::AuthStrategy::Keystone,
        message_ttl: settings.service.message_ttl,
        enable_force_upload: settings.images.force_upload,
        image_compress_on_upload: settings.images.compresses,
        glance_core_properties: settings.images.core_properties.clone(),
        reserved_image_namespaces: settings.images.reserved_namespaces.clone(),
        notifications: !settings.notifications.are_none(),
        host: settings.host.clone(),
        ..usual
    }
}

/// Glance, asked with `account`; none when nothing says where it is. Without authentication there are no tokens:
/// what requests call theirs would be worth nothing to Glance either.
///
/// # Errors
/// Its certificates cannot be used.
pub(super) fn images(
    settings: &Settings,
    account: Option<Arc<Keystone>>,
) -> anyhow::Result<Option<Arc<Images>>> {
    let (images, conversion) = (&settings.images, &settings.images.conversion);
    let account = account.filter(|_| settings.api.auth == config::AuthStrategy::Keystone);
    let glance = Glance::new(&images.glance, account).context("Glance cannot be asked")?;
    if !glance.is_configured() {
        return Ok(None);
    }
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let processors = u32::try_from(processors).unwrap_or(u32::MAX);
    let limits = convert::Limits {
        memory: conversion.memory,
        // No more than all processors can give it in its time.
        cpu: conversion.time_out.saturating_mul(processors),
        wall: conversion.time_out,
        // A volume's size bounds it.
        output: u64::MAX,
    };
    let inspection = convert::Limits { cpu: conversion.inspection_cpu, ..limits.clone() };
    let mut images = Images::new(glance, conversion.directory.clone(), limits);
    images.inspection = inspection;
    images.conversion_disabled = conversion.disabled;
    Ok(Some(Arc::new(images)))
}

/// What the API reads. `account` is what `[keystone_authtoken]` describes.
///
/// # Errors
/// Tokens are to be validated and there is no account to do it with.
pub(super) fn api(
    settings: &Settings,
    account: Option<&Arc<Keystone>>,
) -> anyhow::Result<ApiSettings> {
    let api = &settings.api;
    let auth_strategy = match (api.auth, account, &settings.identity) {
        (config::AuthStrategy::Noauth, _, _) => AuthStrategy::NoAuth,
        (config::AuthStrategy::Keystone, Some(account), Some(identity)) => {
            let tokens = Tokens::new(Arc::clone(account), identity.tokens.clone());
            AuthStrategy::Keystone(Arc::new(Gate::new(tokens, identity.rules.clone())))
        }
        (config::AuthStrategy::Keystone, ..) => anyhow::bail!("[keystone_authtoken] is empty"),
    };
    Ok(ApiSettings {
        auth_strategy,
        public_endpoint: api.public_endpoint.clone(),
        enable_proxy_headers_parsing: api.trusts_proxy,
        max_request_body_size: usize::try_from(api.max_body).unwrap_or(usize::MAX),
        osapi_max_limit: usize::try_from(api.max_limit).unwrap_or(usize::MAX),
        project_id_regex: api.project_id_regex.clone(),
        resource_filters: api.query_filters.clone(),
        ..ApiSettings::default()
    })
}

/// The image cache of a backend that is to have one, if there is somebody to own its volumes.
fn cache(
    shared: &Shared,
    settings: &Settings,
    limits: config::ImageCache,
    backend: &config::BackendSettings,
) -> Option<Arc<ImageCache>> {
    let Some(owner) = settings.images.cache_owner.clone() else {
        tracing::warn!(
            backend = %backend.name,
            "image_volume_cache_enabled needs cinder_internal_tenant_project_id and \
             cinder_internal_tenant_user_id: there is no image cache"
        );
        return None;
    };
    let (db, bus, clock) = (shared.db.clone(), shared.bus.clone(), shared.clock.clone());
    let operations = ApiContext::inner(db, bus, clock, Arc::clone(&shared.settings));
    let limits = CacheLimits { max_gib: limits.max_gib, max_count: limits.max_count };
    Some(Arc::new(ImageCache::new(operations, owner, limits)))
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
        images: shared.images.clone(),
        cache: backend.image_cache.and_then(|limits| cache(shared, settings, limits, backend)),
        freed: Default::default(),
        turns: Default::default(),
    };
    settings.backends.iter().map(backend).collect()
}
