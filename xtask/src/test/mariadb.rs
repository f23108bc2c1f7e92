//! A throw-away MariaDB: fast because nothing in it needs to survive.

use std::io::Read;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::account::Account;
use super::database::{About, Database, Site, USER, free_port};
use super::programs;
use crate::guarded::Stop;

/// What is said about it when it is missing.
pub(super) const ABOUT: About = About {
    name: "MariaDB",
    variable: "ASHLAR_TEST_MARIADB_URL",
    how_to_get: "apt-get install mariadb-server",
};

/// Settings of a server whose data may vanish with the power. Character set and collation are what
/// Debian's package configures.
const SETTINGS: [&str; 13] = [
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--skip-performance-schema",
    "--debug-no-sync",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=fsync",
    "--skip-innodb-doublewrite",
    "--innodb-buffer-pool-size=128M",
    "--innodb-log-file-size=64M",
    "--max-connections=400",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_general_ci",
];

/// The first byte after the length of a server's greeting: the version of its protocol.
const PROTOCOL: u8 = 10;

/// Makes a data directory below `place` and starts a server on a free port.
pub(super) fn start(place: &Path) -> Result<Database> {
    let install = programs::find(&["mariadb-install-db"]).context("not installed")?;
    let server = programs::find(&["mariadbd"]).context("not installed")?;
    let site = Site::new(place, "mariadb", Account::choose(&["mysql"])?)?;
    let data = site.directory.join("data");
    site.prepare(
        Command::new(install)
            .args(["--no-defaults", "--skip-test-db", "--skip-name-resolve"])
            .arg("--auth-root-authentication-method=socket")
            .arg(option("--datadir", &data))
            .args(SETTINGS),
    )?;
    let accounts = site.write_private("accounts.sql", &accounts(&site.password))?;
    let port = free_port()?;
    let mut command = Command::new(server);
    command
        .arg("--no-defaults")
        .args(SETTINGS)
        .arg(format!("--port={port}"))
        .arg(option("--datadir", &data))
        .arg(option("--socket", &site.directory.join("socket")))
        .arg(option("--pid-file", &site.directory.join("pid")))
        .arg(option("--init-file", &accounts));
    let url = format!("mysql://{USER}:{}@127.0.0.1:{port}/", site.password);
    site.serve(command, Stop::Kill, url, || greets(port))
}

fn option(name: &str, path: &Path) -> String {
    format!("{name}={}", path.display())
}

/// One statement a line: the administrator of the tests, who comes by TCP.
fn accounts(password: &str) -> String {
    format!(
        "CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{password}';\n\
         GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'127.0.0.1' WITH GRANT OPTION;\n"
    )
}

/// Whether a server sends its greeting: it does so only after the init file has run.
fn greets(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return false };
    let mut greeting = [0_u8; 5];
    stream.set_read_timeout(Some(Duration::from_secs(5))).is_ok()
        && stream.read_exact(&mut greeting).is_ok()
        && greeting[4] == PROTOCOL
}
