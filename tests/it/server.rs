//! The real binary as a process: started on a free port, waited for, stopped or killed.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use ashlar_testkit::Client;
use ashlar_testkit::wait::PATIENCE;
use tokio::net::TcpStream;

use crate::command::terminate;

/// The binary under test: `ASHLAR_BIN`, which `cargo xtask test` sets, or the one beside this test.
///
/// # Panics
/// When there is none; a test that needs it must not pass without.
pub(crate) fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("ASHLAR_BIN") {
        return PathBuf::from(path);
    }
    let me = std::env::current_exe().expect("a test has a path");
    let beside = me.parent().and_then(Path::parent).map(|target| target.join("ashlar"));
    let beside = beside.filter(|path| path.exists());
    beside.expect("no ashlar binary: run `cargo build -p ashlar` first, or `cargo xtask test`")
}

/// A process of the binary. It is killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// `http://…` of the API, for a process that serves it.
    pub(crate) url: String,
}

impl Server {
    /// Runs `ashlar <args>` until it says where it listens.
    ///
    /// # Panics
    /// When it ends instead.
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::start_with_log(args, "warn")
    }

    /// As [`Self::start`], with these levels in its log.
    pub(crate) fn start_with_log(args: &[&str], levels: &str) -> Self {
        Self::started(Self::command(args, Stdio::piped(), levels))
    }

    fn started(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the binary can be run");
        let stdout = child.stdout.take().expect("its output is piped");
        let mut lines = BufReader::new(stdout).lines();
        let url = loop {
            let line =
                lines.next().unwrap_or_else(|| panic!("{command:?} ended: {:?}", child.wait()));
            if let Some(rest) = line.expect("it writes text").strip_prefix("ashlar ready: ") {
                break rest.split_whitespace().next().unwrap_or(rest).to_owned();
            }
        };
        // Whatever else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    /// As [`Self::start`], looking for programs in `directory` first.
    pub(crate) fn start_with_programs(args: &[&str], directory: &std::path::Path) -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let places = [directory.to_owned()].into_iter().chain(std::env::split_paths(&path));
        let path = std::env::join_paths(places).expect("paths without colons");
        let mut command = Self::command(args, Stdio::piped(), "warn");
        command.env("PATH", path);
        Self::started(command)
    }

    /// Runs `ashlar <args>`, a role without an API.
    pub(crate) fn start_role(args: &[&str]) -> Self {
        let child = Self::command(args, Stdio::null(), "warn").spawn();
        Self { child: child.expect("the binary can be run"), url: String::new() }
    }

    fn command(args: &[&str], stdout: Stdio, levels: &str) -> Command {
        let mut command = Command::new(binary());
        command.args(args).env("ASHLAR_LOG", levels).stdin(Stdio::null()).stdout(stdout);
        command
    }

    /// Ends it at once, as a crash would.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it is a child of ours");
    }

    /// Asks it to end in order, and answers when its API has heard of it: nobody is let in any more.
    pub(crate) async fn ask_to_end(&self) {
        terminate(&self.child);
        let address = self.url.strip_prefix("http://").expect("it serves the API");
        let pause = Duration::from_millis(10);
        for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
            if TcpStream::connect(address).await.is_err() {
                return;
            }
            tokio::time::sleep(pause).await;
        }
        panic!("it goes on serving");
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(mut self) -> ExitStatus {
        let pause = Duration::from_millis(50);
        for _ in 0..PATIENCE.as_millis() / pause.as_millis() {
            if let Some(status) = self.child.try_wait().expect("it is a child of ours") {
                return status;
            }
            tokio::time::sleep(pause).await;
        }
        panic!("it does not end");
    }

    /// An administrator in `project`.
    pub(crate) fn client(&self, project: &str) -> Client {
        Client::new(&self.url, project, &[])
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
