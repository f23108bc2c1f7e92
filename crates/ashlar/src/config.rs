//! The configuration: `cinder.conf`, read as oslo.config reads it, and the flags that stand over it.
//!
//! `ini` takes a file apart, `sources` knows which file wins, `options` declares what there is, `values` turns
//! text into types, `settings` is what the roles get, `check` lists what is not used, `exposure` keeps an API
//! without authentication off the network. Whatever is wrong is one line with file, line and option.

pub(crate) mod check;
mod error;
mod exposure;
mod ini;
mod option;
mod options;
pub(crate) mod reference;
mod settings;
mod sources;
mod substitute;
#[cfg(test)]
mod testing;
mod values;

use std::path::PathBuf;

use ashlar_api::policy::{self, Enforcer, Policy};

pub(crate) use error::{ConfigError, Origin};
pub(crate) use settings::{AuthStrategy, BackendSettings, ImageCache, LogSettings, Settings};
pub(crate) use sources::Flag;

use option::Entry;
use sources::Sources;
use values::Values;

/// A configuration that was read and is good.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// What the roles use.
    pub(crate) settings: Settings,
    values: Values,
}

/// Reads `files` in their order (the later one wins) and puts `flags` over them. `machine` is this machine's
/// name, the default of `host`.
///
/// Without files the defaults hold: no file is looked for in `/etc`.
pub(crate) fn load(
    files: &[PathBuf],
    flags: Vec<Flag>,
    machine: &str,
) -> Result<Loaded, ConfigError> {
    let files = files.iter().map(|path| ini::read(path)).collect::<Result<_, _>>()?;
    let values = Values::new(Sources { files, flags }, machine.to_owned());
    Ok(Loaded { settings: Settings::read(&values)?, values })
}

impl Loaded {
    /// An error about `log_file` or `log_dir`, with its place.
    pub(crate) fn refuse_log_file(&self, problem: &str) -> ConfigError {
        let entry: &Entry = match self.settings.log.file {
            Some(_) => &options::log::LOG_FILE.entry,
            None => &options::log::LOG_DIR.entry,
        };
        self.values.refuse(entry, problem)
    }

    /// Refuses to run the volume role on the backend that is there when nobody names one: a node that is
    /// forgotten in the configuration must not hand out its root file system.
    pub(crate) fn ensure_backends_are_named(&self) -> Result<(), ConfigError> {
        let option = &options::backend::ENABLED_BACKENDS;
        let named = self.values.get(option)?.is_some();
        if named && !self.settings.backends.is_empty() {
            return Ok(());
        }
        let problem =
            "names no backend; `ashlar volume` needs it to say which ones this node serves";
        Err(self.values.refuse(&option.entry, problem))
    }

    /// The rules of who may do what, followed as their files change. Logs what is most likely a mistake in them.
    pub(crate) fn open_policy(&self) -> Result<Enforcer, ConfigError> {
        Ok(Enforcer::open(self.settings.api.policy.clone())?)
    }

    /// The same rules as they are now.
    pub(crate) fn read_policy(&self) -> Result<Policy, ConfigError> {
        Ok(policy::read(&self.settings.api.policy)?)
    }

    /// Refuses to serve an API without authentication to more than this machine, unless `allowed`.
    pub(crate) fn ensure_private(&self, allowed: bool) -> Result<(), ConfigError> {
        match exposure::danger(&self.settings.api) {
            Some(problem) if !allowed => {
                Err(self.values.refuse(&options::api::OSAPI_VOLUME_LISTEN.entry, problem))
            }
            _ => Ok(()),
        }
    }
}
