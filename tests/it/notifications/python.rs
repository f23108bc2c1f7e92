//! Python's side: oslo.messaging, which consumes, and Cinder, which says what it would have sent itself. Both are in the
//! environment that `cargo xtask test` makes for Cinder.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use ashlar_testkit::wait::PATIENCE;
use serde_json::Value;

/// Where the programs are.
const VARIABLE: &str = "ASHLAR_TEST_CINDER";

/// A script that answers in lines of JSON. Dropping it ends it.
pub(super) struct Script {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
}

impl Script {
    fn start(name: &str, arguments: &[&str]) -> Self {
        let bin = PathBuf::from(std::env::var_os(VARIABLE).expect("Cinder is there"));
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/notifications").join(name);
        let mut child = Command::new(bin.join("python"))
            .args(["-B", "-W", "ignore"])
            .arg(script)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python can be run");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let Ok(value) = serde_json::from_str(&line) else { continue };
                if sender.send(value).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        Self { child, input, lines }
    }

    /// A consumer of the topic `notifications`, ready to hear.
    pub(super) fn consumer(url: &str) -> Self {
        let script = Self::start("consume.py", &[url, "notifications"]);
        assert_eq!(script.next(), "ready");
        script
    }

    /// Cinder, on this database of ours.
    pub(super) fn cinder(database: &str) -> Self {
        Self::start("cinder_says.py", &[database])
    }

    /// The next line.
    pub(super) fn next(&self) -> Value {
        self.lines.recv_timeout(PATIENCE).expect("the script goes on")
    }

    /// What Cinder would send: of which kind, of what, after the last dot of the event's type.
    pub(super) fn says(&mut self, kind: &str, id: &str, suffix: &str) -> Value {
        let input = self.input.as_mut().expect("it is piped");
        writeln!(input, "{kind} {id} {suffix}").expect("it listens");
        self.next()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.input.take();
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether both sides are there.
pub(super) fn is_there() -> bool {
    std::env::var_os(VARIABLE).is_some()
}
