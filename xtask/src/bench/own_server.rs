//! Our own release server for a measurement, on an embedded database.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::guarded::{Guarded, Stop};

/// What the server prints when it is ready, before its address.
const READY: &str = "ashlar ready: ";
/// How long it may take until then.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it is left alone before its idle memory is looked at.
const REST: Duration = Duration::from_secs(2);

/// A configuration in which everything is at its default but quota and backend.
pub(crate) const SIMULATED: &str = "\
[DEFAULT]
enabled_backends = sim
use_default_quota_class = false
quota_volumes = -1
quota_gigabytes = -1

[sim]
volume_driver = sim
sim_pools = one:1000000, two:1000000, three:1000000, four:1000000
";

/// A running server and its state directory, which goes with it.
pub(crate) struct OwnServer {
    binary: PathBuf,
    // Before the directory: the server stops first.
    server: Option<Guarded>,
    url: String,
    place: TempDir,
}

impl OwnServer {
    /// Starts a server on a new state directory, on the disk of the checkout, and lets it settle.
    #[expect(clippy::disallowed_methods, reason = "this client must not use the CPU meanwhile")]
    pub(crate) fn start(root: &Path, binary: &Path, configuration: &str) -> Result<Self> {
        let parent = root.join("target/bench");
        fs::create_dir_all(&parent)?;
        let place = tempfile::Builder::new().prefix("state-").tempdir_in(&parent)?;
        fs::write(place.path().join("cinder.conf"), configuration)?;
        let binary = binary.to_path_buf();
        let mut own = Self { binary, server: None, url: String::new(), place };
        own.restart()?;
        thread::sleep(REST);
        Ok(own)
    }

    /// The address that it printed.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Its process id; 0 when it is not running.
    pub(crate) fn id(&self) -> u32 {
        self.server.as_ref().map_or(0, Guarded::id)
    }

    /// Stops it if it runs and starts it on the same state directory; says how long it took to be ready.
    pub(crate) fn restart(&mut self) -> Result<Duration> {
        self.server = None;
        let log = self.place.path().join("log");
        let mut command = Command::new(&self.binary);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--config-file"])
            .arg(self.place.path().join("cinder.conf"))
            .arg("--state-dir")
            .arg(self.place.path().join("state"))
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(&log)?);
        let start = Instant::now();
        let mut server = Guarded::spawn(command, Stop::Terminate, self.place.path())?;
        let output = server.take_stdout().context("the server has no output")?;
        let Some(url) = ready(output) else {
            let said = fs::read_to_string(&log)?;
            bail!("the server did not become ready:\n{said}");
        };
        let took = start.elapsed();
        self.url = url;
        self.server = Some(server);
        Ok(took)
    }
}

/// Waits for the line that says that the server is ready; the address in it. The rest of the output is
/// read and dropped as long as the server runs.
fn ready(output: ChildStdout) -> Option<String> {
    let (tell, hear) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(url) = address(&line) {
                // Nobody listens any more once the first address is known.
                drop(tell.send(url.to_owned()));
            }
        }
    });
    hear.recv_timeout(PATIENCE).ok()
}

fn address(line: &str) -> Option<&str> {
    line.strip_prefix(READY)?.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_first_word_of_the_ready_line() {
        let line = "ashlar ready: http://127.0.0.1:8776/v3 (noauth)";
        assert_eq!(address(line), Some("http://127.0.0.1:8776/v3"));
        assert_eq!(address("listening"), None);
    }
}
