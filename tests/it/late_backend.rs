//! A backend that cannot work when its service starts: the others work without it, and it joins when it can.

use std::fs;

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
    let pause = std::time::Duration::from_millis(50);
    let mut left = PATIENCE.as_millis() / pause.as_millis();
    while client.get("/os-services?binary=cinder-volume").await.expect(200).body["services"]
        .as_array()
        .is_none_or(|services| services.len() < 2)
    {
        left = left.checked_sub(1).expect("the backend did not join");
        tokio::time::sleep(pause).await;
    }
    let volume = client.volume_of(json!({ "size": 1, "volume_type": "bad" })).await;
    let made = place.path().join(format!("blocked/volumes/volume-{volume}"));
    assert_eq!(fs::metadata(made).expect("the volume is a file").len(), 1 << 30);
}
