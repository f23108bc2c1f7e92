//! Volumes over iSCSI: a real ashlar, a real tgtd, and initiators that know neither. Left out where tgt, libiscsi's tools
//! or qemu's are not installed; `cargo xtask test` installs them, and says when it could not.

mod initiator;

use std::path::Path;
use std::time::Duration;

use ashlar_drivers::export::TgtSettings;
use ashlar_drivers::export::testing::Tgtd;
use ashlar_drivers::file::FileDriver;
use ashlar_drivers::{Driver as _, VolumeRef};
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, cloud};
use ashlar_types::{Connector, Gib};
use serde_json::{Value, json};

use crate::server::Server;
use initiator::{Initiator, Place};

/// How long a volume may be gone after tgtd has come back: ashlar looks each time that it reports.
const PATIENCE: Duration = Duration::from_secs(60);

/// An ashlar whose volumes are exported by a tgtd of its own.
struct House {
    server: Option<Server>,
    tgtd: Tgtd,
    client: Client,
    home: tempfile::TempDir,
}

impl House {
    /// `None` where something is not installed.
    async fn start() -> Option<Self> {
        let home = tempfile::tempdir().expect("a temporary directory");
        let tgtd = Tgtd::start(home.path()).await?;
        let state = home.path().join("state");
        let text = format!(
            "[DEFAULT]\nenabled_backends = exported\nstate_path = {}\nlog_file = {}\ndebug = true\n\
             report_interval = 1\n\
             [exported]\nvolume_driver = file\ntarget_helper = tgtadm\ntarget_ip_address = 127.0.0.1\n\
             target_port = {}\nuse_chap_auth = true\ntgt_ipc_socket = {}\n",
            state.display(),
            home.path().join("ashlar.log").display(),
            tgtd.port(),
            tgtd.socket().display(),
        );
        std::fs::write(home.path().join("ashlar.conf"), text).expect("written");
        let server = serve(home.path());
        let client = server.client(&cloud::project());
        Some(Self { server: Some(server), tgtd, client, home })
    }

    /// Ends ashlar as a crash does.
    fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
    }

    fn start_again(&mut self) {
        let server = serve(self.home.path());
        self.client = server.client(&cloud::project());
        self.server = Some(server);
    }

    /// Attaches the volume to a server on a host; the attachment and where the volume is.
    async fn attach(&self, volume: &str) -> (String, Place) {
        let body = json!({ "attachment": {
            "volume_uuid": volume, "instance_uuid": uuid::Uuid::new_v4(), "connector": connector(),
        }});
        let made = self.client.post("/attachments", &body).await.expect(200);
        let attachment = made.body["attachment"].clone();
        let id = id_of(&attachment);
        let complete = json!({ "os-complete": null });
        let done = self.client.post(&format!("/attachments/{id}/action"), &complete).await;
        let _ = done.expect(204);
        self.client.wait_for("volumes", volume, "in-use").await;
        (id, Place::of(&attachment["connection_info"]))
    }

    async fn detach(&self, attachment: &str, volume: &str) {
        let _ = self.client.delete(&format!("/attachments/{attachment}")).await.expect(200);
        self.client.wait_for("volumes", volume, "available").await;
    }

    async fn place(&self, attachment: &str) -> Place {
        let shown = self.client.get(&format!("/attachments/{attachment}")).await.expect(200);
        Place::of(&shown.body["attachment"]["connection_info"])
    }
}

fn serve(home: &Path) -> Server {
    let config = home.join("ashlar.conf");
    let config = config.to_str().expect("a temporary path is text");
    Server::start_with_log(&["serve", "--listen", "127.0.0.1:0", "--config-file", config], "debug")
}

fn connector() -> Value {
    json!({
        "host": "compute-1", "ip": "127.0.0.1", "initiator": "iqn.1993-08.org.debian:01:compute",
        "multipath": false, "os_type": "linux", "platform": "x86_64",
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn volumes_are_served_whoever_restarts_and_to_nobody_without_the_password() {
    let Some(initiator) = Initiator::find() else {
        return tell("left out: tgt, libiscsi's tools or qemu's are not installed");
    };
    let Some(mut house) = House::start().await else { return };
    let volume = house.client.volume(1).await;
    let (attachment, place) = house.attach(&volume).await;
    initiator.write(&place, 0, 0xa7);
    initiator.write(&place, 700 << 20, 0x3c);
    let file = house.home.path().join(format!("state/volumes/volume-{volume}"));
    initiator.same(&place, &file);
    refused(&initiator, &place);
    online_extend_is_refused(&house, &volume).await;

    let clone = clone_of_snapshot(&house.client, &volume).await;
    let (attachment_of_clone, place_of_clone) = house.attach(&clone).await;
    assert!(place_of_clone.password != place.password, "each volume has its own");
    initiator.reads(&place_of_clone, 0, 0xa7).expect("the clone has the bytes");
    initiator.reads(&place_of_clone, 700 << 20, 0x3c).expect("all of them");
    initiator.write(&place_of_clone, 0, 0x11);
    initiator.reads(&place, 0, 0xa7).expect("the source has its own");
    let other = place.with(&place_of_clone.password);
    assert!(!initiator.gets_in(&other), "a password is for one volume");

    house.kill();
    initiator.reads(&place, 0, 0xa7).expect("served without ashlar");
    refused(&initiator, &place);
    house.start_again();
    assert_eq!(house.place(&attachment).await, place);
    initiator.reads(&place, 0, 0xa7).expect("still served");
    refused(&initiator, &place);

    house.tgtd.start_anew().await;
    served_again(&initiator, &place).await;
    served_again(&initiator, &place_of_clone).await;
    initiator.reads(&place, 700 << 20, 0x3c).expect("with the same bytes");
    refused(&initiator, &place);

    house.detach(&attachment, &volume).await;
    assert!(!initiator.gets_in(&place), "it went with its last attachment");
    initiator.reads(&place_of_clone, 0, 0x11).expect("the other is there");
    house.detach(&attachment_of_clone, &clone).await;
    assert_eq!(initiator::targets(&house.tgtd), "", "nothing is left");
    let log = std::fs::read_to_string(house.home.path().join("ashlar.log")).expect("a log");
    for place in [&place, &place_of_clone] {
        assert!(!log.contains(&place.password), "a password is in the log");
    }
}

fn refused(initiator: &Initiator, place: &Place) {
    let wrong = place.with("wrong-password-wrong");
    assert!(!initiator.gets_in(&wrong), "a wrong password");
    assert!(initiator.gets_in(place), "the right one");
}

/// tgt keeps the size with which it opened the file.
async fn online_extend_is_refused(house: &House, volume: &str) {
    let answer = house.client.act(volume, "os-extend", json!({ "new_size": 2 })).await;
    if answer.status == 202 {
        let settled = house.client.settled("volumes", volume).await.expect("it is there");
        assert_eq!(settled["size"], 1, "{settled}");
    } else {
        let _ = answer.expect(400);
    }
}

async fn clone_of_snapshot(client: &Client, volume: &str) -> String {
    let body = json!({ "snapshot": { "volume_id": volume, "force": true } });
    let made = client.at(60).post("/snapshots", &body).await.expect(202);
    let snapshot = id_of(&made.body["snapshot"]);
    client.wait_for("snapshots", &snapshot, "available").await;
    client.volume_of(json!({ "size": 1, "snapshot_id": snapshot })).await
}

async fn served_again(initiator: &Initiator, place: &Place) {
    let begun = std::time::Instant::now();
    while !initiator.gets_in(place) {
        assert!(begun.elapsed() < PATIENCE, "it is not exported again");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_export_passes_what_a_plain_target_passes() {
    let Some(initiator) = Initiator::find() else {
        return tell("left out: tgt, libiscsi's tools or qemu's are not installed");
    };
    let home = tempfile::tempdir().expect("a temporary directory");
    let Some(tgtd) = Tgtd::start(home.path()).await else { return };
    let plain = initiator::plain_target(&tgtd, &home.path().join("plain"));
    let settings = TgtSettings { chap: true, ..tgtd.settings() };
    let driver = FileDriver::new(tgtd.backend(&home.path().join("volumes"), settings));
    driver.check_setup().await.expect("set up");
    let name = "volume-0a000000-0000-4000-8000-00000000000a";
    let volume = VolumeRef { name, pool: "exported", size: Gib(1) };
    driver.ensure_volume(volume).await.expect("made");
    let export = driver.ensure_export(volume, None).await.expect("exported");
    let connector: Connector = serde_json::from_value(connector()).expect("a connector");
    let info = driver.connect(volume, export.as_ref(), &connector).await.expect("let in");
    let ours = Place::of(&json!(info));
    let (ours, plain) = (initiator.conformance(&ours), initiator.conformance(&plain));
    tell(&format!("iscsi-test-cu: ours passes {ours}, a plain target {plain}"));
    assert!(plain > 100, "the plain target passes {plain} only");
    assert!(ours >= plain, "ours passes {ours}, a plain target {plain}");
}

/// Into the test's own output.
#[expect(clippy::print_stdout, reason = "the runner shows it to whoever asks")]
fn tell(text: &str) {
    println!("{text}");
}
