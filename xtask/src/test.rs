//! Runs every test against databases of its own, and at the end a minute of fuzzing.
//!
//! What a machine lacks is installed when that is allowed, and otherwise left out and said so; under
//! `CI=true` leaving something out is a failure.

mod account;
mod apt;
mod database;
mod mariadb;
mod postgres;
mod programs;
mod runner;
mod venv;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::{cargo, fuzz, tidy, workspace};
use database::Database;

/// What can be said to `cargo xtask test`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Never install a system package; leave out what is missing.
    #[arg(long)]
    no_install: bool,
    /// Run the tests only.
    #[arg(long)]
    no_tidy: bool,
    /// Given to the test runner as they are, for example a filter.
    #[arg(last = true)]
    args: Vec<String>,
}

/// A part of the tests that cannot run here.
struct LeftOut {
    /// Which part.
    what: String,
    /// How to get what it needs.
    how: String,
}

/// What the tests are told about where they run, and the servers behind it.
struct Surroundings {
    variables: Vec<(String, String)>,
    left_out: Vec<LeftOut>,
    databases: Vec<Database>,
}

/// Runs tidy, starts the databases and runs the tests; the exit code is the runner's, or 1 when only
/// tidy or fuzzing failed.
pub(crate) async fn run(options: Options) -> Result<ExitCode> {
    let root = workspace::root()?;
    let tidy = options.no_tidy || tidy::check(&root, false)?;
    if !options.no_install {
        apt::install_what_is_missing(&root);
    }
    let place = shared_directory()?;
    let mut here = prepare(&root, place.path())?;
    for LeftOut { what, how } in &here.left_out {
        println!("left out: {what}: {how}");
    }
    if !here.left_out.is_empty() && std::env::var("CI").is_ok_and(|value| value == "true") {
        println!("under CI=true nothing may be left out");
        return Ok(ExitCode::FAILURE);
    }
    let binary = cargo::build_ashlar(&root, "dev")?;
    here.variables.push(("ASHLAR_BIN".to_owned(), binary.display().to_string()));
    if !tidy {
        println!("tidy failed, see above; the tests run all the same, the exit status will be 1");
    }
    let code = runner::run(&root, &here.variables, &options.args).await?;
    here.databases.clear();
    // Who asks for a part of the tests waits for no minute of it; without a compiler it is among what was left out.
    let fuzzes = options.args.is_empty() && programs::find(&["c++"]).is_some();
    let found = fuzzes && !fuzz_a_minute();
    // What the tests say of themselves comes first.
    let failed = code != ExitCode::SUCCESS || (tidy && !found);
    Ok(if failed { code } else { ExitCode::FAILURE })
}

/// Whether fuzzing took place and found nothing.
fn fuzz_a_minute() -> bool {
    match fuzz::run(&fuzz::Options::default()) {
        Ok(code) => code == ExitCode::SUCCESS,
        Err(error) => {
            println!("fuzzing failed: {error:#}");
            false
        }
    }
}

/// Where the programs of the Python packages of this name are; they are installed if need be.
pub(crate) fn programs_of(root: &Path, packages: &str) -> Result<std::path::PathBuf> {
    venv::programs_of(root, packages)
}

/// As [`programs_of`], with a list of packages that no test of `cargo xtask test` needs.
pub(crate) fn programs_from(root: &Path, name: &str, list: &Path) -> Result<std::path::PathBuf> {
    venv::programs_from(root, name, list)
}

/// A throw-away PostgreSQL of which a commit costs what it costs in production. Dropping it stops it and removes its data.
pub(crate) struct DurablePostgres {
    database: Database,
    _place: TempDir,
}

impl DurablePostgres {
    /// Makes and starts one.
    pub(crate) fn start() -> Result<Self> {
        let place = shared_directory()?;
        let database = postgres::start(place.path(), postgres::DURABLE)
            .with_context(|| format!("PostgreSQL: {}", postgres::ABOUT.how_to_get))?;
        Ok(Self { database, _place: place })
    }

    /// Where it is, with user and password.
    pub(crate) fn url(&self) -> &str {
        &self.database.url
    }
}

/// A throw-away MariaDB. Dropping it stops it and removes its data.
pub(crate) struct Mariadb {
    database: Database,
    _place: TempDir,
}

impl Mariadb {
    /// Makes and starts one.
    pub(crate) fn start() -> Result<Self> {
        let place = shared_directory()?;
        let database = mariadb::start(place.path())
            .with_context(|| format!("MariaDB: {}", mariadb::ABOUT.how_to_get))?;
        Ok(Self { database, _place: place })
    }

    /// Where it is, with user and password, and a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.database.url
    }
}

/// The program that starts RabbitMQ, if it is there.
pub(crate) fn rabbitmq() -> Option<std::path::PathBuf> {
    programs::rabbitmq()
}

/// A temporary directory that the accounts of the database servers can pass through.
fn shared_directory() -> Result<TempDir> {
    let place = tempfile::Builder::new().prefix("ashlar-test-").tempdir()?;
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755))?;
    Ok(place)
}

/// Starts the servers and fills the virtual environments, side by side.
fn prepare(root: &Path, place: &Path) -> Result<Surroundings> {
    let mut here =
        Surroundings { variables: Vec::new(), left_out: Vec::new(), databases: Vec::new() };
    let (postgres, mariadb, venvs) = thread::scope(|scope| {
        let postgres = scope.spawn(|| postgres::start(place, &[]));
        let mariadb = scope.spawn(|| mariadb::start(place));
        let venvs = scope.spawn(|| venv::prepare(root));
        (postgres.join(), mariadb.join(), venvs.join())
    });
    let gone = "a thread that prepares the tests panicked";
    here.take(postgres.ok().context(gone)?, &postgres::ABOUT);
    here.take(mariadb.ok().context(gone)?, &mariadb::ABOUT);
    for prepared in venvs.ok().context(gone)?? {
        match prepared.outcome {
            Ok(variable) => here.variables.push(variable),
            Err(error) => here.left_out.push(LeftOut {
                what: format!("tests that need {}", prepared.requirements),
                how: format!("{error:#}"),
            }),
        }
    }
    // Tests start it themselves, since some of them stop it.
    if let Some(server) = programs::rabbitmq() {
        here.variables.push(("ASHLAR_TEST_RABBITMQ".to_owned(), server.display().to_string()));
    }
    here.left_out.extend(apt::left_out().into_iter().map(|package| LeftOut {
        what: "tests of images, of iSCSI or of RabbitMQ, or fuzzing".to_owned(),
        how: format!("apt-get install {package}"),
    }));
    Ok(here)
}

impl Surroundings {
    fn take(&mut self, started: Result<Database>, about: &database::About) {
        match started {
            Ok(database) => {
                self.variables.push((about.variable.to_owned(), database.url.clone()));
                self.databases.push(database);
            }
            Err(error) => self.left_out.push(LeftOut {
                what: format!("tests on {}", about.name),
                how: format!("{error:#} ({})", about.how_to_get),
            }),
        }
    }
}
