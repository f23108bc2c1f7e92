//! `cargo xtask fuzz`: throws spoilt inputs at the readers of what comes from outside, for a while.
//!
//! The targets are in `fuzz/`, a package of its own that is built with coverage counters by the stable compiler;
//! libFuzzer does the rest. What it learns stays in `target/fuzz/corpus` for the next time.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::{cargo, workspace};

/// Every target, a file of `fuzz/targets` each.
const TARGETS: [&str; 4] = ["ini", "policy", "inspect", "demand"];

/// What `cargo fuzz` passes, but for what only a nightly compiler knows.
const FLAGS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];

/// How much memory, in MiB, and how many seconds one input may take, and how long it may be.
const BOUNDS: [&str; 3] = ["-rss_limit_mb=512", "-timeout=10", "-max_len=4096"];

/// How many bytes of an input are shown.
const SHOWN: usize = 512;

/// How many of the last lines of a failed run are shown.
const LAST_LINES: usize = 40;

/// What can be said to `cargo xtask fuzz`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How long it takes in all, in seconds, the build not counted.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Only this target: ini, policy, inspect or demand.
    #[arg(long)]
    target: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seconds: 60, target: None }
    }
}

/// Builds the targets and runs them one after the other; the exit code is 1 when one of them found something.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let root = workspace::root()?;
    let targets: Vec<&str> = match &options.target {
        None => TARGETS.to_vec(),
        Some(name) => match TARGETS.iter().find(|target| *target == name) {
            Some(target) => vec![target],
            None => bail!("there is no target {name}; there are {}", TARGETS.join(", ")),
        },
    };
    let programs = build(&root)?;
    let each = (options.seconds / targets.len() as u64).max(1);
    let mut clean = true;
    for target in targets {
        clean &= fuzz(&root, &programs, target, each)?;
    }
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds all targets; the directory that they are in.
fn build(root: &Path) -> Result<PathBuf> {
    let place = root.join("target/fuzz");
    // A target that is named keeps the flags off build scripts and macros, which have nobody to count for.
    let host = host(root)?;
    let status = cargo::command(&root.join("fuzz"))
        .args(["build", "--locked", "--release", "--quiet", "--target", &host, "--target-dir"])
        .arg(&place)
        .env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"))
        .status()
        .context("cannot run cargo build")?;
    if !status.success() {
        bail!("the fuzz targets do not build; besides Rust they need a C++ compiler (g++)");
    }
    Ok(place.join(host).join("release"))
}

/// What the compiler calls this machine.
fn host(root: &Path) -> Result<String> {
    let output = Command::new("rustc").arg("-vV").current_dir(root).output();
    let output = output.context("cannot run rustc")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say what machine this is")?.to_owned())
}

/// Runs one target and prints what came of it; whether it found nothing.
fn fuzz(root: &Path, programs: &Path, target: &str, seconds: u64) -> Result<bool> {
    let place = root.join("target/fuzz");
    let corpus = place.join("corpus").join(target);
    let findings = place.join("findings").join(target);
    for directory in [&corpus, &findings] {
        fs::create_dir_all(directory)?;
    }
    let log = place.join(format!("{target}.log"));
    let said = File::create(&log)?;
    let mut command = Command::new(programs.join(target));
    command.args(BOUNDS).arg(format!("-max_total_time={seconds}"));
    // It writes `crash-…`, `timeout-…` and the like behind this.
    command.arg(format!("-artifact_prefix={}/", findings.display()));
    command.args(["-print_final_stats=1".as_ref(), corpus.as_os_str()]);
    command.arg(root.join("fuzz/seeds").join(target));
    let status = command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said).status();
    let status = status.with_context(|| format!("cannot run the target {target}"))?;
    let said = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    if status.success() {
        let runs = figure(&said, "stat::number_of_executed_units:");
        let pace = figure(&said, "stat::average_exec_per_sec:");
        println!("fuzz {target}: nothing found in {runs} inputs, {pace} a second");
        return Ok(true);
    }
    for line in last_lines(&said) {
        println!("{line}");
    }
    match finding(&said) {
        Some(path) => {
            let input = fs::read(&path).unwrap_or_default();
            println!("fuzz {target}: failed ({status}) for the input in {path}:");
            println!("{}", input[..input.len().min(SHOWN)].escape_ascii());
        }
        None => println!("fuzz {target}: failed ({status}), see {}", log.display()),
    }
    Ok(false)
}

/// The number behind `name`, as it was printed.
fn figure<'a>(said: &'a str, name: &str) -> &'a str {
    said.lines().find_map(|line| line.strip_prefix(name)).map_or("?", str::trim)
}

/// The file with the input that failed.
fn finding(said: &str) -> Option<String> {
    let line = said.lines().find_map(|line| line.split_once("Test unit written to "))?;
    Some(line.1.trim().to_owned())
}

fn last_lines(said: &str) -> impl Iterator<Item = &str> {
    let all = said.lines().count();
    said.lines().skip(all.saturating_sub(LAST_LINES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_source_and_seeds() {
        let fuzz = workspace::root().expect("the checkout").join("fuzz");
        for target in TARGETS {
            assert!(fuzz.join("targets").join(target).with_extension("rs").is_file(), "{target}");
            let seeds = fs::read_dir(fuzz.join("seeds").join(target)).expect("a directory");
            assert!(seeds.count() > 0, "{target} has no seeds");
        }
        assert_eq!(fs::read_dir(fuzz.join("targets")).expect("listed").count(), TARGETS.len());
    }

    #[test]
    fn the_finding_and_the_figures_are_read_from_what_was_said() {
        let said = "noise\nartifact_prefix='x/'; Test unit written to x/crash-1\n\
                    stat::number_of_executed_units: 17\n";
        assert_eq!(finding(said).as_deref(), Some("x/crash-1"));
        assert_eq!(figure(said, "stat::number_of_executed_units:"), "17");
        assert_eq!(figure(said, "stat::average_exec_per_sec:"), "?");
        assert_eq!(finding("noise"), None);
    }
}
