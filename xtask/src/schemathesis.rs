//! `cargo xtask schemathesis`: Ashlar is asked, some thousand times, what its own OpenAPI documents say that it may be
//! asked, and what they say that it may not. Each answer must be one that the document tells of, and none a 5xx.
//!
//! `tests/conformance/schemathesis` does it with schemathesis, from PyPI. Logs stay in
//! `target/conformance/schemathesis`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::bench::own_server::OwnServer;
use crate::{cargo, test, workspace};

/// The scripts and the list.
const SCRIPTS: &str = "tests/conformance/schemathesis";
/// Where runs are kept.
const PLACE: &str = "target/conformance/schemathesis";
/// Everything at its default but quotas, which would soon be used up, and the backend.
const CONFIGURATION: &str = "\
[DEFAULT]
enabled_backends = sim
use_default_quota_class = false
quota_volumes = -1
quota_snapshots = -1
quota_gigabytes = -1
quota_groups = -1

[sim]
volume_driver = sim
sim_pools = one:1000000, two:1000000
";

/// What can be said to `cargo xtask schemathesis`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// About how many requests are made, over all versions. The last one is asked what is at limits and just beyond
    /// them, too, which takes half of them when they are as many as they are by default, and no less when they are fewer.
    #[arg(long, default_value_t = 22_000)]
    requests: u32,
    /// Microversions whose documents are held against the server.
    #[arg(long, value_delimiter = ',', default_value = "3.0,3.27,3.71")]
    versions: Vec<String>,
    /// Only operations whose names fit this regular expression.
    #[arg(long)]
    only: Option<String>,
    /// Other requests for another number.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Ask this binary, and build none.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Asks a server of its own for each version; the exit code is 0 when nothing was found.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let root = workspace::root()?;
    let scripts = root.join(SCRIPTS);
    let programs = test::programs_from(&root, "schemathesis", &scripts.join("requirements.txt"))?;
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => cargo::build_ashlar(&root, "dev")?,
    };
    let count = u32::try_from(options.versions.len()).unwrap_or(u32::MAX).max(1);
    let by_chance = options.requests / 2 / count;
    let mut bad = Vec::new();
    for version in &options.versions {
        let Some(minor) = version.strip_prefix("3.").filter(|minor| minor.parse::<u16>().is_ok())
        else {
            bail!("{version} is no microversion such as 3.27");
        };
        let server = OwnServer::start(&root, &binary, CONFIGURATION)?;
        let place = root.join(PLACE).join(format!("3.{minor}"));
        fs::create_dir_all(&place)?;
        println!("{version}: logs are in {}", place.display());
        let mut command = Command::new(programs.join("python"));
        command.arg("-B").arg(scripts.join("run.py"));
        command.args(["--url", address(server.url()), "--version", version]);
        command.args(["--requests", &by_chance.to_string()]);
        if options.versions.last() == Some(version) {
            command.arg("--limits");
        }
        command.args(["--seed", &options.seed.to_string()]).arg("--place").arg(&place);
        if let Some(only) = &options.only {
            command.arg(format!("--only={only}"));
        }
        if !succeeds(&mut command, &place)? {
            bad.push(version.as_str());
        }
    }
    if bad.is_empty() {
        println!("nothing was found");
        return Ok(ExitCode::SUCCESS);
    }
    println!("something was found at {}, see above", bad.join(", "));
    Ok(ExitCode::FAILURE)
}

/// `http://host:port`, without the API's path.
fn address(url: &str) -> &str {
    url.trim_end_matches('/').trim_end_matches("/v3")
}

fn succeeds(command: &mut Command, place: &Path) -> Result<bool> {
    let status = command.current_dir(place).stdin(Stdio::null()).status();
    Ok(status.context("cannot run Python")?.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_without_the_path_of_the_api() {
        assert_eq!(address("http://127.0.0.1:8776/v3"), "http://127.0.0.1:8776");
        assert_eq!(address("http://127.0.0.1:8776"), "http://127.0.0.1:8776");
    }
}
