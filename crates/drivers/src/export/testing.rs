//! For tests: a real tgtd on loopback, as the machine's own user, away from the machine's own one.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{ExportSettings, TgtSettings};
use crate::file::FileSettings;

/// Where tgtd may be besides `PATH`: it is a program for administrators.
const PLACES: &[&str] = &["/usr/sbin", "/usr/local/sbin", "/sbin"];

/// A running tgtd; it ends with this.
#[derive(Debug)]
pub struct Tgtd {
    program: PathBuf,
    directory: PathBuf,
    port: u16,
    child: Child,
}

impl Tgtd {
    /// Starts one whose socket and log are in `directory`; `None` where tgt is not installed.
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn start(directory: &Path) -> Option<Self> {
        let program = program("tgtd")?;
        for _ in 0..5 {
            // Free now; another program may be quicker, and then the next one is tried.
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
                .and_then(|listener| listener.local_addr())
                .expect("loopback has free ports")
                .port();
            let child = spawn(&program, directory, port);
            let mut tgtd =
                Self { program: program.clone(), directory: directory.to_owned(), port, child };
            if tgtd.is_up().await {
                return Some(tgtd);
            }
        }
        panic!("tgtd does not come up: {}", log(directory));
    }

    /// Settings that export by it, with CHAP.
    #[must_use]
    pub fn settings(&self) -> TgtSettings {
        TgtSettings {
            socket: Some(self.socket()),
            port: self.port,
            ..TgtSettings::new("127.0.0.1")
        }
    }

    /// A file backend in `directory` that exports by it.
    #[must_use]
    pub fn backend(&self, directory: &Path, settings: TgtSettings) -> FileSettings {
        FileSettings {
            export: ExportSettings::Tgt(settings),
            ..FileSettings::new(directory, "exported")
        }
    }

    /// What `TGT_IPC_SOCKET` is.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.directory.join("tgtd")
    }

    /// Where it listens for hosts.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Ends it as a crash does.
    pub fn kill(&mut self) {
        // Both fail only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Ends it and starts another at the same place, which knows nothing.
    ///
    /// # Panics
    /// When that does not come up.
    pub async fn start_anew(&mut self) {
        self.kill();
        for _ in 0..50 {
            self.child = spawn(&self.program, &self.directory, self.port);
            if self.is_up().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("tgtd does not come up again: {}", log(&self.directory));
    }

    /// Waits until it answers; `false` when it has ended instead.
    async fn is_up(&mut self) -> bool {
        let settings = self.settings();
        for _ in 0..200 {
            let listens = tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await;
            if listens.is_ok()
                && super::Exporter::new(&ExportSettings::Tgt(settings.clone()))
                    .check()
                    .await
                    .is_ok()
            {
                return true;
            }
            if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        self.kill();
        false
    }
}

impl Drop for Tgtd {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A program by its name, from `PATH` or where administrators' programs are.
#[must_use]
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(PLACES.iter().map(PathBuf::from))
        .map(|place| place.join(name))
        .find(|program| program.is_file())
}

fn spawn(program: &Path, directory: &Path, port: u16) -> Child {
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(directory.join("tgtd.log"))
        .expect("a log can be written");
    Command::new(program)
        .args(["-f", "--nr_iothreads", "2", "--iscsi"])
        .arg(format!("portal=127.0.0.1:{port}"))
        .env("TGT_IPC_SOCKET", directory.join("tgtd"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("tgtd can be run")
}

fn log(directory: &Path) -> String {
    std::fs::read_to_string(directory.join("tgtd.log")).unwrap_or_default()
}
