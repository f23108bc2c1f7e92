//! Runs the tests and waits for them, also through a Ctrl-C.

use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;
use tokio::signal::unix::{SignalKind, signal};

use crate::cargo;

/// How long the runner may take to stop after it was asked to.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs all tests with the given environment; `args` go to the runner as they are.
pub(super) async fn run(
    root: &Path,
    variables: &[(String, String)],
    args: &[String],
) -> Result<ExitCode> {
    let mut command = cargo::command(root);
    command.args(arguments(has_nextest(root), args));
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let mut runner = tokio::process::Command::from(command)
        .kill_on_drop(true)
        .spawn()
        .context("cannot run the tests")?;
    let status = wait(&mut runner).await?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}

fn has_nextest(root: &Path) -> bool {
    let mut command: Command = cargo::command(root);
    let found = command
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        println!("cargo-nextest is not installed, `cargo test` does it; faster, with time limits:");
        println!("    cargo install --locked cargo-nextest");
    }
    found
}

/// The arguments of cargo. Whoever names a package runs that package only.
fn arguments(nextest: bool, args: &[String]) -> Vec<String> {
    let mut all: Vec<&str> = if nextest { vec!["nextest", "run"] } else { vec!["test"] };
    let names_a_package =
        args.iter().any(|arg| arg.starts_with("-p") || arg.starts_with("--package"));
    if !names_a_package {
        all.push("--workspace");
    }
    if !nextest {
        all.push("--no-fail-fast");
    }
    all.into_iter().map(str::to_owned).chain(args.iter().cloned()).collect()
}

/// Waits for the runner. A Ctrl-C reaches it from the terminal; a SIGTERM is passed on. Either way its
/// last words are waited for.
async fn wait(runner: &mut Child) -> Result<ExitStatus> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        status = runner.wait() => return Ok(status?),
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {
            let id = runner.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
            if let Some(pid) = id {
                kill_process(pid, Signal::TERM)?;
            }
        }
    }
    println!("stopping");
    if let Ok(status) = tokio::time::timeout(PATIENCE, runner.wait()).await {
        return Ok(status?);
    }
    runner.kill().await?;
    Ok(runner.wait().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(nextest: bool, args: &[&str]) -> String {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        arguments(nextest, &args).join(" ")
    }

    #[test]
    fn everything_runs_unless_a_package_is_named() {
        assert_eq!(words(true, &["-E", "test(a)"]), "nextest run --workspace -E test(a)");
        assert_eq!(words(true, &["-p", "ashlar-db"]), "nextest run -p ashlar-db");
        assert_eq!(words(false, &["a"]), "test --workspace --no-fail-fast a");
    }
}
