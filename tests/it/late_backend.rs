//! A backend that cannot work when its service starts: the others work without it, and it joins when it can.

use std::fs;

use ashlar_testkit::Client;
use ashlar_testkit::wait::PATIENCE;
use serde_json::json;

use crate::server::Server;

/// `bad` is to keep its files below something that is no directory yet.
fn configuration(place: &str) -> String {
    format!(
        "[DEFAULT]\nhost = node\nenabled_backends = good, bad\nreport_interval = 1\n\
         [good]\nvolume_driver = sim\n\
         [bad]\nvolume_driver = file\nfile_directory = {place}/blocked/volumes\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_fails_at_the_start_joins_when_it_works() {
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().to_str().expect("a temporary path is text");
    let (file, state) = (format!("{path}/cinder.conf"), format!("{path}/state"));
    fs::write(&file, configuration(path)).expect("it can be written");
    fs::write(place.path().join("blocked"), "").expect("it can be written");

    let server = Server::start(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--config-file",
        &file,
        "--state-dir",
        &state,
    ]);
    let client = server.client("abc");
    for name in ["good", "bad"] {
        let specs = json!({ "volume_backend_name": name });
        let body = json!({ "volume_type": { "name": name, "extra_specs": specs } });
        drop(client.post("/types", &body).await.expect(200));
    }
    client.volume_of(json!({ "size": 1, "volume_type": "good" })).await;
    let refused = client.create_volume(json!({ "size": 1, "volume_type": "bad" })).await;
    let refused = ashlar_testkit::make::id_of(&refused);
    client.wait_for("volumes", &refused, "error").await;

    fs::remove_file(place.path().join("blocked")).expect("it is there");
    wait_for_services(&client, 2).await;
    let volume = client.volume_of(json!({ "size": 1, "volume_type": "bad" })).await;
    let made = place.path().join(format!("blocked/volumes/volume-{volume}"));
    assert_eq!(fs::metadata(made).expect("the volume is a file").len(), 1 << 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_directory_on_which_the_tables_have_volumes_is_not_used() {
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().to_str().expect("a temporary path is text");
    let (file, state) = (format!("{path}/cinder.conf"), format!("{path}/state"));
    let text = format!(
        "[DEFAULT]\nhost = node\nenabled_backends = disk\nreport_interval = 1\n\
         [disk]\nvolume_driver = file\nfile_directory = {path}/disk\n"
    );
    fs::write(&file, text).expect("it can be written");
    let arguments =
        ["serve", "--listen", "127.0.0.1:0", "--config-file", &file, "--state-dir", &state];
    let server = Server::start(&arguments);
    let volume = server.client("abc").volume_of(json!({ "size": 1 })).await;
    server.kill();

    // The disk is gone, and what it was mounted on is there.
    let (disk, aside) = (place.path().join("disk"), place.path().join("aside"));
    fs::rename(&disk, &aside).expect("moved away");
    fs::create_dir(&disk).expect("made");
    let server = Server::start(&arguments);
    let client = server.client("abc");
    drop(client.delete(&format!("/volumes/{volume}")).await.expect(202));
    // Several further attempts to start it.
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    let shown = client.get(&format!("/volumes/{volume}")).await.expect(200);
    assert_eq!(shown.body["volume"]["status"], "deleting");
    assert!(aside.join(format!("volume-{volume}")).exists());

    fs::remove_dir(&disk).expect("nothing was put there");
    fs::rename(&aside, &disk).expect("moved back");
    let (pause, mut left) = pause();
    while client.get(&format!("/volumes/{volume}")).await.status != 404 {
        left = left.checked_sub(1).expect("the volume is not deleted");
        tokio::time::sleep(pause).await;
    }
    assert!(!disk.join(format!("volume-{volume}")).exists());
}

/// How long to wait between two looks, and how many looks there are.
fn pause() -> (std::time::Duration, u128) {
    let pause = std::time::Duration::from_millis(50);
    (pause, PATIENCE.as_millis() / pause.as_millis())
}

/// Waits until so many volume services are known.
async fn wait_for_services(client: &Client, count: usize) {
    let (pause, mut left) = pause();
    while client.get("/os-services?binary=cinder-volume").await.expect(200).body["services"]
        .as_array()
        .is_none_or(|services| services.len() < count)
    {
        left = left.checked_sub(1).expect("the backend did not join");
        tokio::time::sleep(pause).await;
    }
}
