//! The rules of the house that a compiler does not know, then formatting and lints.
//!
//! Each rule is a function from what lies in the checkout to findings; nothing here changes a file.

mod allow;
mod content;
mod edges;
mod finding;
mod headers;
mod names;
mod sizes;
mod source;
mod wire_names;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::{cargo, workspace};
use finding::{Finding, Severity};
use source::Source;

/// What can be said to `cargo xtask tidy`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Leave out `cargo fmt --check` and `cargo clippy`.
    #[arg(long)]
    fast: bool,
}

/// Runs every check; the exit code is 1 when one of them failed.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let clean = check(&workspace::root()?, options.fast)?;
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs every check, prints what it found and says whether the checkout is clean. `fast` leaves out
/// what needs a compiler.
pub(crate) fn check(root: &Path, fast: bool) -> Result<bool> {
    let mut clean = report(&findings(root)?);
    if !fast {
        // The fuzz targets are a workspace of their own; nothing else looks at their lock before they are built, last of all.
        let mut locked = cargo::command(&root.join("fuzz"));
        locked.args(["tree", "--locked", "--quiet"]).stdout(Stdio::null());
        clean &= passes(&mut locked, "cargo update --workspace, in fuzz/")?;
        clean &= passes(cargo::command(root).args(["fmt", "--all", "--check"]), "cargo fmt --all")?;
        let mut clippy = cargo::command(root);
        clippy.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
        clean &= passes(&mut clippy, "repairing what clippy names above")?;
    }
    println!("tidy: {}", if clean { "clean" } else { "failed" });
    Ok(clean)
}

fn findings(root: &Path) -> Result<Vec<Finding>> {
    let files = workspace::files(root)?;
    let mut found: Vec<Finding> = files.iter().flat_map(|path| names::check(path)).collect();
    for path in files.iter().filter(|path| source::is_text(path)) {
        let source = Source::read(root, path)?;
        found.extend(headers::check(&source));
        found.extend(sizes::check(&source));
        found.extend(content::check(&source));
        found.extend(wire_names::check(&source));
    }
    found.extend(edges::check(root, &cargo::metadata(root)?)?);
    let mut kept = allow::List::read(&root.join(allow::FILE))?.apply(found);
    kept.sort();
    Ok(kept)
}

/// Prints the findings, warnings first, and says whether none of them is a failure.
fn report(findings: &[Finding]) -> bool {
    let (failures, warnings): (Vec<_>, Vec<_>) =
        findings.iter().partition(|finding| finding.severity == Severity::Failure);
    for finding in warnings.iter().chain(&failures) {
        println!("{finding}");
    }
    println!("tidy: {} failures, {} warnings", failures.len(), warnings.len());
    failures.is_empty()
}

fn passes(command: &mut Command, repair: &str) -> Result<bool> {
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    if !status.success() {
        println!("tidy: repaired by: {repair}");
    }
    Ok(status.success())
}
