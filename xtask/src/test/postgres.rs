//! A throw-away PostgreSQL: fast because nothing in it needs to survive.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::account::Account;
use super::database::{About, Database, Site, USER, free_port};
use super::programs;
use crate::guarded::Stop;

/// What is said about it when it is missing.
pub(super) const ABOUT: About = About {
    name: "PostgreSQL",
    variable: "ASHLAR_TEST_POSTGRES_URL",
    how_to_get: "apt-get install postgresql",
};

/// Settings of a server whose data may vanish with the power.
const SETTINGS: [&str; 12] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "shared_buffers=64MB",
    "max_connections=400",
    "autovacuum_max_workers=1",
    "jit=off",
    "log_min_messages=fatal",
];

/// Settings of one whose commits survive a loss of power, as in production, over those above.
pub(super) const DURABLE: &[&str] =
    &["fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=256MB"];

/// Makes a cluster below `place` and starts it on a free port, with `settings` over the usual ones.
pub(super) fn start(place: &Path, settings: &[&str]) -> Result<Database> {
    let programs = programs::postgres().context("not installed")?;
    let site = Site::new(place, "postgres", Account::choose(&["postgres"])?)?;
    let password = site.write_private("password", &site.password)?;
    let data = site.directory.join("data");
    site.prepare(
        Command::new(programs.join("initdb"))
            .arg("--pgdata")
            .arg(&data)
            .arg("--pwfile")
            .arg(&password)
            .args(["--username", USER, "--auth=password", "--no-sync"])
            .args(["--encoding=UTF8", "--locale=C"]),
    )?;
    let port = free_port()?;
    let mut server = Command::new(programs.join("postgres"));
    server.arg("-D").arg(&data).args(["-p", &port.to_string()]);
    for setting in SETTINGS.iter().chain(settings) {
        server.args(["-c", *setting]);
    }
    let url = format!("postgres://{USER}:{}@127.0.0.1:{port}/postgres", site.password);
    site.serve(server, Stop::Quit, url, || {
        Command::new(programs.join("pg_isready"))
            .args(["--quiet", "--host=127.0.0.1", "--port", &port.to_string()])
            .stdin(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })
}
