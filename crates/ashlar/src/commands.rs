//! The commands, one file each.

mod api;
mod config;
mod db;
mod explain;
mod flow;
mod policy;
mod print;
mod scheduler;
mod serve;
mod service;
mod volume;

use std::fs::{DirBuilder, OpenOptions};
use std::future::Future;
use std::io::ErrorKind;
use std::num::NonZero;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use ashlar_db::{DatabaseUrl, Db, Options, migrate};

use crate::cli::{Cli, Command, Global};
use crate::config::Settings;
use crate::telemetry::log;

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> anyhow::Result<()> {
    let global = &cli.global;
    match cli.command {
        Command::Serve(args) => serve::run(global, &args),
        Command::Api(args) => api::run(global, &args),
        Command::Scheduler => scheduler::run(global),
        Command::Volume => volume::run(global),
        Command::Explain(args) => explain::run(global, &args),
        Command::Flow(command) => flow::run(global, command),
        Command::Service(command) => service::run(global, command),
        Command::Db(command) => db::run(global, &command),
        Command::Config(command) => config::run(global, &command),
        Command::Policy(command) => policy::run(global, &command),
    }
}

/// Tasks that a thread runs between two looks at what other threads woke.
const GLOBAL_QUEUE_INTERVAL: u32 = 31;
/// Tasks that a thread runs between two looks at the network and the timers.
const EVENT_INTERVAL: u32 = 31;

/// Runs `work` to its end on threads of its own: one for each core, and at least two, so that a call that
/// takes long on one does not hold up the rest. Threads that are deep in a copy then do not hold up the end:
/// such work is resumed by the next start, as after a crash.
fn on_threads<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.max(2))
        // By `xtask bench`: with much less fewer creates are served to many clients, with more one among many waits longer.
        .global_queue_interval(GLOBAL_QUEUE_INTERVAL)
        .event_interval(EVENT_INTERVAL)
        .enable_all()
        .build()
        .context("cannot start threads")?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_background();
    outcome
}

/// Connects to the configured database; makes the directory of a SQLite file when it is not there.
pub(crate) async fn connect(settings: &Settings) -> anyhow::Result<Db> {
    let database = &settings.database;
    if let DatabaseUrl::Sqlite(path) = &database.url {
        ensure_place_of(path)?;
        ensure_private_file(path)?;
    }
    let options = Options {
        max_connections: database.max_connections,
        acquire_timeout: database.acquire_timeout,
    };
    Db::connect(&database.url, &options)
        .await
        .with_context(|| format!("cannot connect to {}", database.url))
}

/// Reads from the configured database for a command that only looks. Makes nothing: a database that is not
/// there, or whose tables are not, is an error.
fn look<T, F>(
    global: &Global,
    name: &str,
    read: impl FnOnce(Db, Settings) -> F,
) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<T>>,
{
    let loaded = global.load(Vec::new())?;
    log::start(&loaded, global.log_format, name)?;
    let settings = loaded.settings;
    if let DatabaseUrl::Sqlite(path) = &settings.database.url
        && !path.exists()
    {
        bail!(
            "{}: there is no such file; --state-dir or --config-file says where to look",
            path.display()
        );
    }
    on_threads(async {
        let db = connect(&settings).await?;
        migrate::require_current(&db).await?;
        let found = read(db.clone(), settings).await?;
        db.close().await;
        Ok(found)
    })
}

/// The database's file, made empty for the owner alone when it is not there: a directory that was there before
/// may be open to all. SQLite gives the files beside it the same mode. What exists keeps its own.
fn ensure_private_file(path: &Path) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    match options.write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("cannot make the database {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// The directory that a file is to be in.
pub(crate) fn ensure_place_of(file: &Path) -> anyhow::Result<()> {
    match file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(directory) => ensure_private_directory(directory),
        None => Ok(()),
    }
}

/// Made for the owner alone: the tables and the volumes are everyone's data. What exists keeps its mode.
fn ensure_private_directory(path: &Path) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot make the directory {}", path.display()))
}
