//! The real binary as a command: run to its end, with what it said and how it ended.

use std::process::{Child, Command, Stdio};

use crate::server::binary;

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Said {
    /// Exit status.
    pub(crate) status: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Said {
    /// Its output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It ended with this status.
    pub(crate) fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

/// `ashlar <args>`, with nothing of the caller's environment that would change its mind. It logs warnings only,
/// so that standard error holds what it has to say.
pub(crate) fn ashlar(args: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .args(args)
        .env_remove("ASHLAR_STATE_DIR")
        .env("ASHLAR_LOG", "warn")
        .stdin(Stdio::null());
    command
}

/// Runs `ashlar <args>` to its end.
pub(crate) fn run(args: &[&str]) -> Said {
    let output = ashlar(args).output().expect("the binary can be run");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it writes text");
    Said {
        status: output.status.code().expect("it ended by itself"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// Asks the process to end in order.
pub(crate) fn terminate(child: &Child) {
    let told =
        Command::new("sh").args(["-c", "kill -TERM \"$0\"", &child.id().to_string()]).status();
    assert!(told.expect("there is a shell").success());
}
