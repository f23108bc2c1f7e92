//! A server of our own that never outlives this program, however this program ends.
//!
//! Beside each server runs a small shell that waits on a pipe. When this program is killed, the pipe
//! closes, and the shell ends the server by its process id and removes its directory. When all goes
//! well, the server is stopped here and the shell is never needed.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

/// Reads until the pipe closes, then ends process `$2` with signal `$1` and removes `$3`.
const GUARD: &str = r#"read -r _; kill -s "$1" "$2"; sleep 1; rm -rf -- "$3""#;

/// How long a server may take to stop before it is killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a server is told to stop.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stop {
    /// Finish what is under way.
    Terminate,
    /// At once, children included; PostgreSQL calls it an immediate shutdown.
    Quit,
    /// At once, without a word.
    Kill,
}

impl Stop {
    fn signal(self) -> (Signal, &'static str) {
        match self {
            Self::Terminate => (Signal::TERM, "TERM"),
            Self::Quit => (Signal::QUIT, "QUIT"),
            Self::Kill => (Signal::KILL, "KILL"),
        }
    }
}

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Guarded {
    child: Child,
    guard: Child,
    stop: Stop,
}

impl Guarded {
    /// Starts a server in a process group of its own, so that a Ctrl-C at the terminal reaches it only
    /// through us. `leftovers` is removed should this program be killed.
    pub(crate) fn spawn(mut command: Command, stop: Stop, leftovers: &Path) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let guard = Command::new("/bin/sh")
            .args(["-c", GUARD, "guard", stop.signal().1, &child.id().to_string()])
            .arg(leftovers)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        match guard {
            Ok(guard) => Ok(Self { child, guard, stop }),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error).context("cannot start a shell to watch over a server")
            }
        }
    }

    /// The server's process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The server's standard output, once, if it was piped.
    pub(crate) fn take_stdout(&mut self) -> Option<std::process::ChildStdout> {
        self.child.stdout.take()
    }

    /// Whether the server has ended by itself.
    pub(crate) fn has_ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "`drop` cannot await, and nothing else runs then"
    )]
    fn end(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_none() {
            let id = i32::try_from(self.child.id())?;
            let pid = Pid::from_raw(id).context("a child has no process id")?;
            kill_process(pid, self.stop.signal().0)?;
            let start = Instant::now();
            while self.child.try_wait()?.is_none() {
                if start.elapsed() > PATIENCE {
                    self.child.kill()?;
                    self.child.wait()?;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        self.guard.kill()?;
        self.guard.wait()?;
        Ok(())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            eprintln!("xtask: process {} may still run: {error:#}", self.child.id());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper() -> Command {
        let mut command = Command::new("sleep");
        command.arg("600");
        command
    }

    fn runs(id: u32) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{id}/stat"));
        status.is_ok_and(|status| !status.contains(") Z "))
    }

    #[test]
    fn dropping_a_server_ends_it_and_its_guard() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let server = Guarded::spawn(sleeper(), Stop::Terminate, place.path()).expect("started");
        let (id, guard) = (server.id(), server.guard.id());
        assert!(runs(id) && runs(guard));
        drop(server);
        assert!(!runs(id) && !runs(guard));
        assert!(place.path().exists(), "the directory is its owner's to remove");
    }

    #[test]
    fn the_guard_ends_a_server_whose_owner_is_gone() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let data = place.path().join("data");
        std::fs::create_dir(&data).expect("directory made");
        let mut server = Guarded::spawn(sleeper(), Stop::Kill, &data).expect("started");
        drop(server.guard.stdin.take());
        server.guard.wait().expect("the guard ends by itself");
        assert!(server.child.wait().expect("ended").code().is_none(), "ended by a signal");
        assert!(!data.exists());
    }
}
