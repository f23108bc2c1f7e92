//! Measures a Block Storage API from outside: how many creates it accepts, when the volumes are there,
//! how fast it reads, how soon it starts and how much memory it takes.

mod figures;
mod http;
pub(crate) mod image;
mod load;
mod measure;
pub(crate) mod overload;
pub(crate) mod own_server;
pub(crate) mod placement;
mod process;
mod target;
mod volumes;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::{cargo, workspace};
use figures::Report;
use measure::{Bench, CLIENTS, PAGE};
use own_server::OwnServer;
use target::Target;

/// What can be said to `cargo xtask bench api`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Base address of a running server, with or without `/v3`. Default: build and start our own, with
    /// the `sim` backend.
    #[arg(long)]
    url: Option<String>,
    /// Project id for the requests. Default: a new one.
    #[arg(long)]
    project: Option<String>,
    /// Token for the requests. Default: what noauth servers take, `bench:PROJECT`.
    #[arg(long)]
    token: Option<String>,
    /// Volumes to create with 16 clients while measuring [default: 5000, with --url 200].
    #[arg(long)]
    creates: Option<usize>,
    /// Volumes that there are in the end, when lists are measured again [default: 100000, with --url
    /// 1000]. They are created through the API.
    #[arg(long)]
    rows: Option<usize>,
    /// Seconds that each measurement of GET takes.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Leave the volumes on a server given by --url.
    #[arg(long)]
    keep: bool,
    /// Write the figures to this file as JSON, too.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// Measures and prints; the exit code is 1 when a request failed.
pub(crate) async fn run(options: Options) -> Result<ExitCode> {
    if cfg!(debug_assertions) {
        return in_release();
    }
    let project = options.project.clone();
    let project = project.unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string());
    let token = options.token.clone().unwrap_or_else(|| format!("bench:{project}"));
    let mut own = match options.url {
        Some(_) => None,
        None => Some(start_own()?),
    };
    let url = options.url.clone().or_else(|| own.as_ref().map(|own| own.url().to_owned()));
    let url = url.context("there is no server to measure")?;
    let target = Arc::new(Target::new(&url, &project, &token)?);
    let mut bench = Bench {
        report: Report::new(&url),
        server: own.as_ref().map(OwnServer::id),
        target,
        rows: 0,
        creates: options.creates.unwrap_or(if own.is_some() { 5_000 } else { 200 }),
        seconds: Duration::from_secs(options.seconds),
    };
    bench.measure(options.rows.unwrap_or(if own.is_some() { 100_000 } else { PAGE })).await?;
    match &mut own {
        Some(own) => bench.measure_starts(own)?,
        None if !options.keep => volumes::delete_all(&bench.target, CLIENTS).await?,
        None => {}
    }
    print!("{}", bench.report);
    if let Some(path) = &options.json {
        std::fs::write(path, serde_json::to_string_pretty(&bench.report)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(if bench.report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs this very command from a release build: a slow client would take the CPU that it measures.
fn in_release() -> Result<ExitCode> {
    let root = workspace::root()?;
    let status = cargo::command(&root)
        .args(["run", "--quiet", "--release", "--package", "xtask", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .arg("--")
        .args(std::env::args_os().skip(1))
        .current_dir(std::env::current_dir()?)
        .status()
        .context("cannot run cargo")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}

fn start_own() -> Result<OwnServer> {
    let root = workspace::root()?;
    let binary = cargo::build_ashlar(&root, "release")?;
    OwnServer::start(&root, &binary, own_server::SIMULATED)
}
