//! `ashlar config`: looks at the configuration and starts nothing.

use ashlar_api::policy::Policy;

use super::print;
use crate::cli::{ConfigCommand, Global};
use crate::config::{Loaded, check, reference};
use crate::telemetry::log;

/// Runs the command and prints to standard output.
pub(crate) fn run(global: &Global, command: &ConfigCommand) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Check { let_anyone_on_the_network_administer: open } => {
            let loaded = global.load(Vec::new())?;
            loaded.ensure_private(*open)?;
            log::ensure_usable(&loaded, "serve")?;
            let policy = loaded.read_policy()?;
            print::text(&report(&loaded, &policy))
        }
        ConfigCommand::Options => print::text(&reference::markdown()),
    }
}

/// Remarks first, then one line that says what would be started.
fn report(loaded: &Loaded, policy: &Policy) -> String {
    let mut lines: Vec<String> = check::notices(loaded).iter().map(ToString::to_string).collect();
    lines.extend_from_slice(policy.warnings());
    let settings = &loaded.settings;
    let backends: Vec<_> =
        settings.backends.iter().map(|b| format!("{} ({})", b.name, b.driver.as_str())).collect();
    let backends = if backends.is_empty() { "none".to_owned() } else { backends.join(", ") };
    lines.push(format!(
        "the configuration is good: API on {}, database {}, backends {backends}\n",
        settings.api.listen, settings.database.url
    ));
    lines.join("\n")
}
