//! `cargo xtask conformance`: OpenStack's own tests of Block Storage, Tempest, against the real binary.
//!
//! `tests/conformance/tempest` runs them beside a real Keystone and a real Glance. What they find is held against
//! what they found of Cinder; after a run of all of them `docs/generated/tempest.md` is written. Logs and results
//! stay in `target/conformance/tempest`.

mod document;
mod findings;
mod verdict;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{cargo, test, workspace};
use findings::Findings;
use verdict::{Exceptions, Row, Verdict};

/// The scripts and lists.
const SCRIPTS: &str = "tests/conformance/tempest";
/// Where runs are kept.
const PLACE: &str = "target/conformance/tempest";
/// The table of the last run of everything.
const DOCUMENT: &str = "docs/generated/tempest.md";

/// What can be said to `cargo xtask conformance`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only the tests of a file: a name, or a regular expression, on each line.
    #[arg(long, value_name = "FILE", conflicts_with = "regex")]
    list: Option<PathBuf>,
    /// Only tests with such names.
    #[arg(long)]
    regex: Option<String>,
    /// Names the directory of logs and the table of results.
    #[arg(long, default_value = "last")]
    name: String,
    /// Test the debug build instead of the release build.
    #[arg(long)]
    debug: bool,
    /// Test this binary, and build none.
    #[arg(long, value_name = "FILE", conflicts_with = "debug")]
    binary: Option<PathBuf>,
    /// How many tests run at a time. Keystone answers one request at a time, so that more are of no use.
    #[arg(long, default_value_t = 2)]
    workers: u8,
    /// Changes Tempest's configuration, for example `volume.build_timeout=300`.
    #[arg(long, value_name = "SECTION.NAME=VALUE")]
    option: Vec<String>,
}

impl Options {
    /// Whether all tests are run.
    fn everything(&self) -> bool {
        self.list.is_none() && self.regex.is_none()
    }
}

/// Runs the tests; the exit code is 0 when all pass that Cinder passes, but for those that are excepted by name.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let root = workspace::root()?;
    let scripts = root.join(SCRIPTS);
    let reference = Findings::of_cinder(&read(&scripts.join("reference.tsv"))?)?;
    let exceptions = Exceptions::parse(&read(&scripts.join("exceptions.tsv"))?)?;
    let start = Instant::now();
    let table = ask(&root, options)?;
    let took = start.elapsed();
    let ours = Findings::of_a_run(&read(&table)?)?;
    let rows = verdict::compare(&reference, &ours, &exceptions, options.everything());
    tell(&rows, &exceptions, &ours, took);
    println!("results: {}", table.display());
    if options.everything() {
        fs::write(root.join(DOCUMENT), document::write(&rows))?;
        println!("written: {DOCUMENT}");
    }
    let good = !rows.is_empty() && rows.iter().all(|row| row.verdict != Verdict::Missed);
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Installs what is needed and runs the tests. Answers the table of results.
fn ask(root: &Path, options: &Options) -> Result<PathBuf> {
    if !options.name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') {
        bail!("--name is made of letters, digits and hyphens");
    }
    let servers = test::programs_of(root, "servers")?;
    let list = root.join(SCRIPTS).join("requirements.txt");
    let tempest = test::programs_from(root, "tempest", &list)?;
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => cargo::build_ashlar(root, if options.debug { "dev" } else { "release" })?,
    };
    let place = root.join(PLACE).join(&options.name);
    let table = root.join(PLACE).join(format!("{}.tsv", options.name));
    fs::create_dir_all(root.join(PLACE))?;
    let mut command = Command::new(servers.join("python"));
    command.arg("-B").arg(root.join(SCRIPTS).join("run.py"));
    for (name, value) in [
        ("--ashlar", &binary),
        ("--tempest", &tempest),
        ("--template", &root.join("target/conformance/neighbours")),
        ("--place", &place),
        ("--table", &table),
    ] {
        command.arg(name).arg(value);
    }
    command.args(["--workers", &options.workers.to_string()]);
    if let Some(list) = &options.list {
        command.arg("--list").arg(list);
    }
    if let Some(regex) = &options.regex {
        command.arg(format!("--regex={regex}"));
    }
    for change in &options.option {
        command.arg(format!("--option={change}"));
    }
    println!("running Tempest; logs are in {}", place.display());
    let status = command.stdin(Stdio::null()).status().context("cannot run Python")?;
    if !status.success() {
        bail!("Tempest was not run to its end, see above");
    }
    Ok(table)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Says what differs from Cinder, and the sums.
fn tell(rows: &[Row], exceptions: &Exceptions, ours: &Findings, took: Duration) {
    for row in rows.iter().filter(|row| row.verdict == Verdict::Missed) {
        println!("{}: {}: {}", row.ours(), row.test, row.why);
    }
    for beginning in exceptions.idle(rows) {
        println!("no longer an exception: {beginning}");
    }
    let [passed, failed, skipped] = ours.sums();
    println!("{passed} passed, {failed} failed, {skipped} skipped in {} s", took.as_secs());
    let count = |verdict| rows.iter().filter(|row| row.verdict == verdict).count();
    println!(
        "of those that Cinder passes: {} pass, {} excepted, {} do not",
        count(Verdict::Kept),
        count(Verdict::Excepted),
        count(Verdict::Missed)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_exception_is_of_a_test_that_cinder_passes() {
        let scripts = workspace::root().expect("a checkout").join(SCRIPTS);
        let list = read(&scripts.join("reference.tsv")).expect("readable");
        let cinder = Findings::of_cinder(&list).expect("a list");
        assert_eq!(cinder.sums(), [331, 2, 47]);
        let list = read(&scripts.join("exceptions.tsv")).expect("readable");
        let exceptions = Exceptions::parse(&list).expect("exceptions");
        let rows = verdict::compare(&cinder, &Findings::default(), &exceptions, true);
        for beginning in exceptions.beginnings() {
            let hit = |row: &&Row| row.test.starts_with(beginning);
            let excepted = rows.iter().filter(hit).any(|row| row.verdict == Verdict::Excepted);
            assert!(excepted, "{beginning}");
        }
    }
}
