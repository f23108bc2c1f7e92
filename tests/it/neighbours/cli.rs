//! An ordinary member's day with unmodified clients: `tests/conformance/neighbours/member.sh`.

use std::path::PathBuf;
use std::process::Command;

use super::{Neighbours, PASSWORD, script, tell};

/// Where `cargo xtask test` has put `openstack` and `cinder`.
const CLIENTS: &str = "ASHLAR_TEST_CLIENTS";

#[test]
fn a_member_makes_volumes_of_images_and_images_of_volumes_and_the_bytes_are_right() {
    let Some(clients) = std::env::var_os(CLIENTS).map(PathBuf::from) else {
        tell("left out: ASHLAR_TEST_CLIENTS is not set; `cargo xtask test` installs the clients");
        return;
    };
    let Some(mut neighbours) = Neighbours::start() else { return };
    let server = neighbours.serve("target_helper = local\n");
    let work = neighbours.directory().join("work");
    std::fs::create_dir(&work).expect("a directory");
    let output = Command::new("bash")
        .arg(script("member.sh"))
        .arg(clients)
        .arg(&work)
        .arg(neighbours.directory().join("ashlar"))
        .env("OS_AUTH_URL", format!("{}/v3", neighbours.keystone))
        .envs([("OS_USERNAME", "demo"), ("OS_PASSWORD", PASSWORD), ("OS_PROJECT_NAME", "demo")])
        .envs([("OS_USER_DOMAIN_ID", "default"), ("OS_PROJECT_DOMAIN_ID", "default")])
        .envs([("OS_IDENTITY_API_VERSION", "3"), ("OS_REGION_NAME", "RegionOne")])
        .output()
        .expect("bash can be run");
    drop(server);
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complained}");
    assert!(said.ends_with("member: all done\n"), "{said}\n{complained}");
}
