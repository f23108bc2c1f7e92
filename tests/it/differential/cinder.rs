//! Cinder's scheduler in a process of its own: `tests/conformance/placement/scheduler.py`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// The process; ended when it is dropped.
pub(super) struct Cinder {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Cinder {
    /// Starts it with the Python in `programs`.
    pub(super) fn start(programs: &Path) -> Self {
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/placement/scheduler.py");
        let mut child = Command::new(programs.join("python"))
            // No byte code among the sources, no warnings of libraries.
            .args(["-B", "-W", "ignore"])
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python can be run");
        let questions = child.stdin.take().expect("its input is a pipe");
        let answers = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        Self { child, questions, answers }
    }

    /// What Cinder makes of the case.
    pub(super) fn ask(&mut self, case: &Value) -> Value {
        let mut line = case.to_string();
        line.push('\n');
        self.questions.write_all(line.as_bytes()).expect("it takes a case");
        self.questions.flush().expect("it takes a case");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("it answers in text");
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}\n{case}"))
    }
}

impl Drop for Cinder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
