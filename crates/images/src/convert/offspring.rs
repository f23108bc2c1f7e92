//! Children that do not outlive this process, however it ends.
//!
//! The kernel kills such a child when the *thread* that started it ends, and only `setpriv` of util-linux asks it to
//! without unsafe code. So each child has a thread of its own, which starts it and then waits for as long as the child
//! may run. Where there is no such `setpriv`, children may outlive us: their limits bound for how long.

use std::io;
use std::process::Stdio;
use std::sync::LazyLock;
use std::thread;

use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// What `setpriv` is to ask for.
const WORDS: [&str; 3] = ["--pdeathsig", "KILL", "--"];

/// Whether there is a `setpriv` that can do it: that of BusyBox cannot.
static THERE: LazyLock<bool> = LazyLock::new(|| {
    let mut probe = std::process::Command::new("setpriv");
    probe.args(WORDS).arg("true");
    probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let there = probe.status().is_ok_and(|status| status.success());
    if !there {
        tracing::warn!(
            "there is no setpriv --pdeathsig: qemu-img goes on for a while when ashlar is killed"
        );
    }
    there
});

/// Its child may run while it lives; dropped, it ends the child where the kernel does that.
#[derive(Debug)]
pub(super) struct Life(
    #[expect(dead_code, reason = "the other end waits for its drop")] std::sync::mpsc::Sender<()>,
);

/// A command that runs `program`, which ends with the thread that spawns it. Waits for a moment when it is the first.
pub(super) fn command(program: &str) -> Command {
    if !*THERE {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(WORDS).arg(program);
    command
}

/// Spawns what `make` makes in a thread of its own, where `make` runs too.
///
/// # Errors
/// No thread or no child can be had.
pub(super) async fn spawn(
    make: impl FnOnce() -> Command + Send + 'static,
) -> io::Result<(Child, Life)> {
    let runtime = Handle::current();
    let (to_caller, spawned) = oneshot::channel();
    let (life, ended) = std::sync::mpsc::channel();
    thread::Builder::new().name("qemu-img".to_owned()).spawn(move || {
        let _runtime = runtime.enter();
        // A caller that is gone drops the child, which kills it.
        if to_caller.send(make().spawn()).is_ok() {
            // Until the other end is dropped; nothing is ever sent.
            let _ = ended.recv();
        }
    })?;
    let child = spawned.await.map_err(io::Error::other)??;
    Ok((child, Life(life)))
}
