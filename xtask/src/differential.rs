//! `cargo xtask differential`: the same requests to a running Cinder and to the real binary.
//!
//! `tests/conformance/requests` makes them by rule from the table of routes, starts both sides and compares status and shape of
//! the answers. What differs must be named in `differences.tsv` there; `docs/generated/differences.md` is that list as a page.
//! Logs stay in `target/conformance/requests`.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::{cargo, test, workspace};

/// The scripts and the named differences.
const SCRIPTS: &str = "tests/conformance/requests";
/// Where logs are kept.
const PLACE: &str = "target/conformance/requests";
/// The table that requests are made from.
const ROUTES: &str = "docs/generated/routes.md";
/// The named differences, as a page.
const DOCUMENT: &str = "docs/generated/differences.md";

/// What can be said to `cargo xtask differential`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many requests.
    #[arg(long, default_value_t = 2000)]
    requests: u32,
    /// Another seed makes other requests.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only operations with such names, for example `volume.*`.
    #[arg(long, default_value = "*")]
    only: String,
}

/// Starts both and compares; the exit code is 0 when everything that differs is named.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let root = workspace::root()?;
    let programs = test::programs_of(&root, "cinder")?;
    let broker = test::rabbitmq().context("RabbitMQ is needed: apt-get install rabbitmq-server")?;
    let binary = cargo::build_ashlar(&root, "dev")?;
    let database = test::Mariadb::start()?;
    let address = database.url().replacen("mysql:", "mysql+pymysql:", 1);
    let mut command = Command::new(programs.join("python"));
    command.arg("-B").arg(root.join(SCRIPTS).join("run.py"));
    for (name, value) in [
        ("--cinder", programs.as_path()),
        ("--broker", &broker),
        ("--ashlar", &binary),
        ("--routes", &root.join(ROUTES)),
        ("--place", &root.join(PLACE)),
        ("--document", &root.join(DOCUMENT)),
    ] {
        command.arg(name).arg(value);
    }
    // Its password is nobody else's business, even if the server is thrown away.
    command.env("DATABASE", address);
    command.args(["--requests", &options.requests.to_string()]);
    command.args(["--seed", &options.seed.to_string(), "--only", &options.only]);
    let status = command.stdin(Stdio::null()).status().context("cannot run Python")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
