//! The backends of this node: `enabled_backends` and a section for each.

use std::path::PathBuf;
use std::time::Duration;

use ashlar_drivers::file::FileSettings;
use ashlar_drivers::sim::{SimPool, SimSettings};
use ashlar_drivers::{DriverName, Settings as DriverSettings};
use ashlar_types::BackendName;

use super::exports;
use super::images::{self, ImageCache};
use crate::config::error::ConfigError;
use crate::config::options::{backend, service};
use crate::config::sources::same_section;
use crate::config::values::Values;

/// The backend that there is when nobody says which there are.
const ONLY: &str = "file";

/// One backend.
#[derive(Debug, Clone)]
pub(crate) struct BackendSettings {
    /// `host@section`.
    pub(crate) name: BackendName,
    /// The section's name.
    pub(crate) section: String,
    /// `backend_availability_zone`, else `storage_availability_zone`.
    pub(crate) zone: String,
    /// The driver's name.
    pub(crate) driver: DriverName,
    /// All that the driver needs.
    pub(crate) settings: DriverSettings,
    /// Its image cache, when it has one.
    pub(crate) image_cache: Option<ImageCache>,
}

/// Reads them all; `host` is the node's name.
pub(super) fn read(values: &Values, host: &str) -> Result<Vec<BackendSettings>, ConfigError> {
    let entry = &backend::ENABLED_BACKENDS.entry;
    let Some(names) = values.get(&backend::ENABLED_BACKENDS)? else {
        return Ok(vec![read_one(values, host, ONLY)?]);
    };
    let mut backends: Vec<BackendSettings> = Vec::with_capacity(names.len());
    for name in names.iter().filter(|name| !name.is_empty()) {
        if name.contains(['@', '#']) {
            let problem = format!("'{name}': a backend's name has neither @ nor #");
            return Err(values.refuse(entry, problem));
        }
        if !values.sources.has_section(name) {
            let problem = format!("there is no section [{name}] that describes it");
            return Err(values.refuse(entry, format!("names '{name}', but {problem}")));
        }
        if backends.iter().any(|other| same_section(&other.section, name)) {
            return Err(values.refuse(entry, format!("names '{name}' twice")));
        }
        backends.push(read_one(values, host, name)?);
    }
    ensure_own_directories(values, &backends)?;
    Ok(backends)
}

fn read_one(values: &Values, host: &str, section: &str) -> Result<BackendSettings, ConfigError> {
    let host = values.get_in(section, &backend::BACKEND_HOST)?.unwrap_or_else(|| host.to_owned());
    if !super::read::usable_host(&host) {
        return Err(values.refuse_in(
            section,
            &backend::BACKEND_HOST.entry,
            super::read::NOT_A_HOST,
        ));
    }
    let zone = match values.get_in(section, &backend::BACKEND_AVAILABILITY_ZONE)? {
        Some(zone) if !zone.is_empty() => zone,
        _ => values.require(&service::STORAGE_AVAILABILITY_ZONE)?,
    };
    let driver = read_driver_name(values, section)?;
    Ok(BackendSettings {
        name: BackendName::new(&host, section),
        section: section.to_owned(),
        zone,
        driver,
        settings: read_driver(values, section, &host, driver)?,
        image_cache: images::cache(values, section)?,
    })
}

fn read_driver_name(values: &Values, section: &str) -> Result<DriverName, ConfigError> {
    let option = &backend::VOLUME_DRIVER;
    match values.get_in(section, option)? {
        Some(text) => text.parse().map_err(|error: ashlar_drivers::UnknownDriver| {
            values.refuse_in(section, &option.entry, error.to_string())
        }),
        // The one backend that exists without a section.
        None if section == ONLY && !values.sources.has_section(ONLY) => Ok(DriverName::File),
        None => {
            let known: Vec<_> = DriverName::ALL.iter().map(|driver| driver.as_str()).collect();
            let problem = format!("is not set; known drivers: {}", known.join(", "));
            Err(values.refuse_in(section, &option.entry, problem))
        }
    }
}

fn read_driver(
    values: &Values,
    section: &str,
    host: &str,
    driver: DriverName,
) -> Result<DriverSettings, ConfigError> {
    let backend_name = values
        .get_in(section, &backend::VOLUME_BACKEND_NAME)?
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| section.to_owned());
    let reserved_percentage = values.require_in(section, &backend::RESERVED_PERCENTAGE)?;
    let ratio = values.require_in(section, &backend::MAX_OVER_SUBSCRIPTION_RATIO)?.0;
    let mut capabilities = values.require_in(section, &backend::EXTRA_CAPABILITIES)?.0;
    for option in [&backend::FILTER_FUNCTION, &backend::GOODNESS_FUNCTION] {
        if let Some(function) = values.get_in(section, option)?.filter(|text| !text.is_empty()) {
            capabilities.insert(option.entry.name.to_owned(), function.into());
        }
    }
    Ok(match driver {
        DriverName::File => {
            let directory = values.require_in(section, &backend::FILE_DIRECTORY)?;
            DriverSettings::File(FileSettings {
                reserved_percentage,
                max_over_subscription_ratio: ratio,
                capabilities,
                export: exports::read(values, section, host, &directory)?,
                ..FileSettings::new(directory, backend_name)
            })
        }
        DriverName::Sim => {
            let thick = values.require_in(section, &backend::SIM_THICK)?;
            let pool = |(name, total_gib)| SimPool {
                reserved_percentage,
                max_over_subscription_ratio: ratio,
                thin: !thick,
                capabilities: capabilities.clone(),
                ..SimPool::thin(name, total_gib)
            };
            let pools = values.require_in(section, &backend::SIM_POOLS)?.0;
            let failures = values.all_in(section, &backend::SIM_FAILURE)?;
            let latency = values.require_in(section, &backend::SIM_LATENCY_MS)?;
            DriverSettings::Sim(SimSettings {
                latency: Duration::from_millis(latency),
                seed: values.require_in(section, &backend::SIM_SEED)?,
                failures: failures.into_iter().map(|failure| failure.0).collect(),
                ..SimSettings::new(backend_name, pools.into_iter().map(pool).collect())
            })
        }
    })
}

/// Two backends in one directory would each take the other's files for leftovers of its own.
fn ensure_own_directories(
    values: &Values,
    backends: &[BackendSettings],
) -> Result<(), ConfigError> {
    let mut seen: Vec<(PathBuf, &str)> = Vec::new();
    for backend in backends {
        let DriverSettings::File(FileSettings { directory, .. }) = &backend.settings else {
            continue;
        };
        let path = std::path::absolute(directory).unwrap_or_else(|_| directory.clone());
        if let Some((_, other)) = seen.iter().find(|(own, _)| *own == path) {
            let entry = &backend::FILE_DIRECTORY.entry;
            let problem = format!("'{}' is also the directory of [{other}]", directory.display());
            return Err(values.refuse_in(&backend.section, entry, problem));
        }
        seen.push((path, &backend.section));
    }
    Ok(())
}
