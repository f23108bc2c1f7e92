//! What the throw-away database servers have in common: a directory, a port, a password, and waiting.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::account::Account;
use crate::guarded::{Guarded, Stop};

/// The name of the administrator in every throw-away server.
pub(super) const USER: &str = "ashlar";

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is said about a server when it is missing.
pub(super) struct About {
    /// The server's name.
    pub(super) name: &'static str,
    /// The environment variable that tells the tests its address.
    pub(super) variable: &'static str,
    /// How to get it.
    pub(super) how_to_get: &'static str,
}

/// A running throw-away server. Dropping it stops it and removes its data.
pub(super) struct Database {
    /// Where it is, with user and password.
    pub(super) url: String,
    _server: Guarded,
}

/// The place of a server that is about to be made.
pub(super) struct Site {
    /// The directory of this run, to be removed as a whole.
    place: PathBuf,
    /// Its directory; the account owns it.
    pub(super) directory: PathBuf,
    /// Who it runs as.
    pub(super) account: Account,
    /// The administrator's password, of letters and digits.
    pub(super) password: String,
}

impl Site {
    /// Makes a directory for a server below `place`.
    pub(super) fn new(place: &Path, name: &str, account: Account) -> Result<Self> {
        let directory = place.join(name);
        fs::create_dir(&directory)?;
        account.own(&directory)?;
        let place = place.to_path_buf();
        let password = uuid::Uuid::new_v4().simple().to_string();
        Ok(Self { place, directory, account, password })
    }

    /// Writes a file that only the server's account can read.
    pub(super) fn write_private(&self, name: &str, content: &str) -> Result<PathBuf> {
        let path = self.directory.join(name);
        let mut options = File::options();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(content.as_bytes())?;
        self.account.own(&path)?;
        Ok(path)
    }

    /// Runs a program that prepares the server's data; its output is in the error when it fails.
    pub(super) fn prepare(&self, command: &mut Command) -> Result<()> {
        self.account.apply(command);
        let output = command
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot run {}", command.get_program().display()))?;
        if !output.status.success() {
            let (said, complained) =
                (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            let program = command.get_program().display();
            bail!("{program} failed: {}", last_lines(&format!("{said}{complained}")));
        }
        Ok(())
    }

    /// Starts the server and waits until `answers` says yes.
    #[expect(
        clippy::disallowed_methods,
        reason = "each server is waited for in a thread of its own"
    )]
    pub(super) fn serve(
        &self,
        mut command: Command,
        stop: Stop,
        url: String,
        mut answers: impl FnMut() -> bool,
    ) -> Result<Database> {
        let log = self.directory.join("log");
        let output = File::create(&log)?;
        command.stdout(output.try_clone()?).stderr(output).current_dir(&self.directory);
        self.account.apply(&mut command);
        let mut server = Guarded::spawn(command, stop, &self.place)?;
        let start = Instant::now();
        while !answers() {
            if server.has_ended()? || start.elapsed() > PATIENCE {
                let mut text = String::new();
                File::open(&log)?.read_to_string(&mut text)?;
                bail!("the server does not answer: {}", last_lines(&text));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Database { url, _server: server })
    }
}

/// A port on the loopback interface that nothing listens on at the moment.
pub(super) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(5)..].join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_quotes_the_end_of_a_log() {
        assert_eq!(last_lines("1\n2\n\n3\n4\n5\n6\n"), "2 | 3 | 4 | 5 | 6");
        assert_eq!(last_lines(""), "");
    }
}
