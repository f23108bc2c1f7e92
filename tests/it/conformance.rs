//! Cinder's own code and ours on one database, in turns: `tests/conformance/cinder-db`.

use std::path::Path;
use std::process::Command;

use ashlar_db::testing::SERVERS;

use crate::server::binary;

/// Where `cargo xtask test` has put `cinder-manage` and the Python that Cinder runs in.
const CINDER: &str = "ASHLAR_TEST_CINDER";

/// Runs the checks on a server that makes its databases anew and drops them at the end.
fn share(server: &str) {
    let Some(bin) = std::env::var_os(CINDER) else {
        // `cargo xtask test` says so too, and under CI it is a failure there.
        tell(&format!("left out: {CINDER} is not set; `cargo xtask test` installs Cinder"));
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/cinder-db/check.py");
    let output = Command::new(Path::new(&bin).join("python"))
        .arg("-B") // no byte code among the sources
        .arg(script)
        .arg("--ashlar")
        .arg(binary())
        .arg(server)
        .output()
        .expect("Python can be run");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complained}");
    assert!(said.ends_with("cinder-db: all done\n"), "{said}\n{complained}");
}

fn share_on(variable: &str) {
    match std::env::var(variable) {
        Ok(server) => share(&server),
        Err(_) => tell(&format!("left out: {variable} is not set; `cargo xtask test` sets it")),
    }
}

/// Into the test's own output.
#[expect(clippy::print_stdout, reason = "the runner shows it to whoever asks")]
fn tell(text: &str) {
    println!("{text}");
}

#[test]
fn cinder_and_ashlar_share_a_database_on_sqlite() {
    share("sqlite:///");
}

#[test]
fn cinder_and_ashlar_share_a_database_on_postgresql() {
    share_on(SERVERS[0]);
}

#[test]
fn cinder_and_ashlar_share_a_database_on_mariadb() {
    share_on(SERVERS[1]);
}
