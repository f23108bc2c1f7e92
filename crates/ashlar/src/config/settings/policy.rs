//! Where the rules of who may do what come from.

use std::path::{Path, PathBuf};

use ashlar_api::policy::Settings;

use crate::config::error::ConfigError;
use crate::config::options::policy as options;
use crate::config::values::Values;

/// Cinder's own directory.
const SYSTEM: &str = "/etc/cinder";

/// Reads `[oslo_policy]`. The files themselves are not looked at.
pub(super) fn read(values: &Values) -> Result<Settings, ConfigError> {
    if !values.require(&options::ENFORCE_NEW_DEFAULTS)? {
        let problem = "must be true: the older defaults, which ask for no role, are not built; write the rules that \
                       differ into policy_file";
        return Err(values.refuse(&options::ENFORCE_NEW_DEFAULTS.entry, problem));
    }
    values.require(&options::ENFORCE_SCOPE)?;
    let around = around(values);
    let places = |name: &str| around.iter().map(|place| place.join(name)).collect::<Vec<PathBuf>>();
    let mut directories =
        values.all_in(options::POLICY_DIRS.entry.section, &options::POLICY_DIRS)?;
    if directories.is_empty() {
        directories.extend(values.get(&options::POLICY_DIRS)?);
    }
    Ok(Settings {
        file: places(&values.require(&options::POLICY_FILE)?),
        directories: directories.iter().map(|name| places(name)).collect(),
        default_rule: values.require(&options::POLICY_DEFAULT_RULE)?,
    })
}

/// The directories in which a relative path may be. An absolute one joined to any of them is itself.
fn around(values: &Values) -> Vec<PathBuf> {
    let files = values.sources.files.iter().rev();
    let beside = files.map(|file| file.path.parent().unwrap_or(Path::new("")).to_owned());
    let mut all: Vec<PathBuf> = beside.collect();
    if !all.is_empty() {
        all.push(SYSTEM.into());
    }
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{loaded, refused};

    #[test]
    fn a_relative_file_is_looked_for_beside_the_configuration_and_then_in_etc() {
        let policy = loaded("[DEFAULT]\n").settings.api.policy;
        assert_eq!(
            policy.file,
            ["policy.yaml".into(), std::path::PathBuf::from("/etc/cinder/policy.yaml")]
        );
        assert_eq!(policy.directories.len(), 1);
        let policy =
            loaded("[oslo_policy]\npolicy_file = /srv/p.json\npolicy_dirs = a\npolicy_dirs = b\n");
        let policy = policy.settings.api.policy;
        assert!(policy.file.iter().all(|path| path.as_os_str() == "/srv/p.json"));
        assert_eq!(policy.directories.len(), 2);
    }

    #[test]
    fn the_older_defaults_are_refused() {
        let refused = refused("[oslo_policy]\nenforce_new_defaults = false\n");
        assert!(
            refused.starts_with("cinder.conf:2: [oslo_policy] enforce_new_defaults: must be true"),
            "{refused}"
        );
    }
}
