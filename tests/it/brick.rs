//! What Python's os-brick, which Nova and Glance use, makes of our connection information:
//! `tests/conformance/brick/connect.py`. It comes with Cinder, whose packages `cargo xtask test` installs.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use ashlar_drivers::export::testing::{Tgtd, program};
use ashlar_drivers::export::{ExportSettings, LocalSettings, TgtSettings};
use ashlar_drivers::file::{FileDriver, FileSettings};
use ashlar_drivers::{Driver, VolumeRef};
use ashlar_types::{ConnectionInfo, Connector, Gib};
use serde_json::{Value, json};

/// Where the programs of Cinder's packages are.
const CINDER: &str = "ASHLAR_TEST_CINDER";

const VOLUME: VolumeRef<'static> =
    VolumeRef { name: "volume-0a000000-0000-4000-8000-00000000000a", pool: "brick", size: Gib(1) };

fn connector(multipath: bool) -> Connector {
    serde_json::from_value(json!({
        "host": "compute-1", "ip": "127.0.0.1", "initiator": "iqn.1993-08.org.debian:01:compute",
        "multipath": multipath, "os_type": "linux", "platform": "x86_64",
    }))
    .expect("a connector")
}

/// What os-brick says of it; `None` where it is not installed.
fn ask(info: &ConnectionInfo, inquiry: &Path, locks: &Path) -> Option<Value> {
    let bin = PathBuf::from(std::env::var_os(CINDER)?);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/brick/connect.py");
    let mut child = Command::new(bin.join("python"))
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python can be run");
    let question = json!({ "info": info, "inquiry": inquiry, "locks": locks });
    let mut stdin = child.stdin.take().expect("its input is piped");
    stdin.write_all(question.to_string().as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complained}");
    Some(serde_json::from_slice(&output.stdout).expect("it answers JSON"))
}

async fn made(settings: FileSettings) -> Arc<dyn Driver> {
    let driver = FileDriver::new(settings);
    driver.check_setup().await.expect("set up");
    driver.ensure_volume(VOLUME).await.expect("made");
    Arc::new(driver)
}

#[tokio::test]
async fn its_connector_for_local_devices_reads_the_volume() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let directory = home.path().join("volumes");
    let hosts = vec!["compute-1".to_owned()];
    let driver = made(FileSettings {
        export: ExportSettings::Local(LocalSettings { hosts, addresses: Vec::new() }),
        ..FileSettings::new(&directory, "brick")
    })
    .await;
    let file = std::fs::OpenOptions::new().write(true).open(directory.join(VOLUME.name));
    file.expect("there").write_all(b"the volume's own").expect("written");
    let info = driver.connect(VOLUME, None, &connector(false)).await.expect("it is here");
    let Some(said) = ask(&info, Path::new(""), home.path()) else { return };
    let head: String = b"the volume's own".iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(said, json!({ "type": "local", "head": head, "length": 1 << 30 }));
}

#[tokio::test]
async fn its_connector_for_iscsi_logs_in_at_every_portal() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let Some(inquiry) = program("iscsi-inq") else { return };
    let Some(tgtd) = Tgtd::start(home.path()).await else { return };
    let volumes = home.path().join("volumes");
    // Both names are of the one portal that the daemon has.
    let addresses = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    for (chap, addresses) in [(true, &addresses[..1]), (true, &addresses), (false, &addresses)] {
        let settings = TgtSettings { chap, addresses: addresses.to_vec(), ..tgtd.settings() };
        let driver = made(tgtd.backend(&volumes, settings)).await;
        let export = driver.ensure_export(VOLUME, None).await.expect("exported");
        for multipath in [false, true] {
            // Without an account the target knows hosts by their names, and libiscsi has its own.
            let mut host = connector(multipath);
            host.0.insert("initiator".to_owned(), LIBISCSI.into());
            let told = driver.connect(VOLUME, export.as_ref(), &host).await.expect("let in");
            let Some(said) = ask(&told, &inquiry, home.path()) else { return };
            let expected: Vec<_> = addresses
                .iter()
                .map(|address| {
                    json!([format!("{address}:{}", tgtd.port()), told.data["target_iqn"], 1])
                })
                .collect();
            assert_eq!(said["targets"], json!(expected), "{multipath}");
            let sessions = said["logged_in"].as_array().expect("a list");
            assert_eq!(sessions.len(), addresses.len());
            assert!(sessions.iter().all(|it| it["session"].is_string()), "{said}");
        }
        driver.destroy_export(VOLUME).await.expect("ended");
    }
}

/// What libiscsi's tools call themselves.
const LIBISCSI: &str = "iqn.2007-10.com.github:sahlberg:libiscsi:iscsi-inq";
