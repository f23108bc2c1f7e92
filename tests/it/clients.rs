//! The field's own clients, unmodified, against the real binary: `tests/conformance/clients/run.sh`.

use std::path::Path;
use std::process::Command;

use crate::server::Server;

/// Where `cargo xtask test` has put `openstack` and `cinder`.
const CLIENTS: &str = "ASHLAR_TEST_CLIENTS";

#[test]
fn openstack_and_cinder_do_a_days_work_and_the_bytes_are_right() {
    let Some(bin) = std::env::var_os(CLIENTS) else {
        // `cargo xtask test` says so too, and under CI it is a failure there.
        tell("left out: ASHLAR_TEST_CLIENTS is not set; `cargo xtask test` installs the clients");
        return;
    };
    let place = tempfile::tempdir().expect("a temporary directory");
    let state = place.path().join("state");
    let text = state.to_str().expect("a temporary path is text");
    let server = Server::start(&["serve", "--listen", "127.0.0.1:0", "--state-dir", text]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/clients/run.sh");
    let output = Command::new("bash")
        .arg(script)
        .arg(&server.url)
        .arg(state.join("volumes"))
        .arg(bin)
        .output()
        .expect("bash can be run");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complained}");
    assert!(said.ends_with("clients: all done\n"), "{said}\n{complained}");
}

/// Into the test's own output.
#[expect(clippy::print_stdout, reason = "the runner shows it to whoever asks")]
fn tell(text: &str) {
    println!("{text}");
}
