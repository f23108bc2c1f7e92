//! A volume that gets the content of an image in place of its own.

use ashlar_drivers::FailureKind;
use ashlar_drivers::sim::{Call, PlannedFailure, When};
use ashlar_testkit::glance::Trouble;
use ashlar_testkit::{Answer, Client};
use serde_json::{Value, json};

use super::{MIB, Stage, disk, image_of, sim};

async fn reimage(client: &Client, volume: &str, image: &str) -> Answer {
    client.act(volume, "os-reimage", json!({ "image_id": image })).await
}

async fn settled(stage: &Stage, volume: &str) -> Value {
    stage.client.settled("volumes", volume).await.expect("it is there")
}

#[tokio::test]
async fn the_volume_has_the_images_bytes_and_nothing_of_the_old_ones() {
    let stage = Stage::with_files().await;
    let old = stage.glance.add("old", "raw", vec![7; 3 * MIB]);
    let volume = stage.made(&old).await;
    let id = volume["id"].as_str().expect("an id").to_owned();
    let more = json!({ "metadata": { "os_type": "linux" } });
    let _ = stage.client.act(&id, "os-set_image_metadata", more).await.expect(200);
    let disk = disk(2 * MIB, 1);
    for format in ["raw", "qcow2"] {
        let bytes = if format == "raw" { disk.clone() } else { image_of(&disk, format) };
        let new = stage.glance.add("new", format, bytes);
        let answer = reimage(&stage.client, &id, &new).await.expect(202);
        assert_eq!(answer.body, Value::Null);
        let volume = stage.client.wait_for("volumes", &id, "available").await;
        let mut expected = disk.clone();
        expected.resize(4 * MIB, 0);
        assert!(stage.bytes(&volume, 4 * MIB) == expected, "{format}: the bytes differ");
        let kept = &volume["volume_image_metadata"];
        assert_eq!((&kept["image_id"], &kept["image_name"]), (&json!(new), &json!("new")));
        assert!(kept.get("os_type").is_none(), "of the earlier image: {kept}");
        assert_eq!(volume["bootable"], "true");
    }
    stage.check().await;
}

#[tokio::test]
async fn a_volume_that_was_blank_can_be_booted_from_afterwards() {
    let stage = Stage::with_sim(&sim()).await;
    let image = stage.glance.add("image", "raw", disk(MIB, 2));
    let id = stage.client.volume(1).await;
    assert_eq!(settled(&stage, &id).await["bootable"], "false");
    let _ = reimage(&stage.client, &id, &image).await.expect(202);
    assert_eq!(stage.client.wait_for("volumes", &id, "available").await["bootable"], "true");
    stage.check().await;
}

#[tokio::test]
async fn an_image_that_is_not_what_it_should_be_leaves_the_old_content_and_says_so() {
    let stage = Stage::with_files().await;
    let old = stage.glance.add("old", "raw", disk(MIB, 3));
    let volume = stage.made(&old).await;
    let id = volume["id"].as_str().expect("an id").to_owned();
    let wrong = stage.glance.add("wrong", "raw", disk(MIB, 4));
    stage.glance.say(&wrong, "os_hash_value", json!("0".repeat(128)));
    stage.glance.say(&wrong, "checksum", json!("0".repeat(32)));
    let false_friend = stage.glance.add("not raw", "raw", image_of(&disk(MIB, 5), "qcow2"));
    for (image, event) in
        [(wrong, "VOLUME_VOLUME_016_011"), (false_friend, "VOLUME_VOLUME_016_029")]
    {
        let _ = reimage(&stage.client, &id, &image).await.expect(202);
        let volume = stage.client.wait_for("volumes", &id, "error").await;
        assert_eq!(stage.told().await, event);
        assert!(stage.bytes(&volume, MIB) == disk(MIB, 3), "the old content is whole");
        assert_eq!(volume["volume_image_metadata"]["image_id"], old);
    }
    let good = stage.glance.add("good", "raw", disk(MIB, 6));
    let _ = reimage(&stage.client, &id, &good).await.expect(202);
    let volume = stage.client.wait_for("volumes", &id, "available").await;
    assert!(stage.bytes(&volume, MIB) == disk(MIB, 6), "from error, too");
    stage.check().await;
}

#[tokio::test]
async fn a_glance_that_breaks_off_is_asked_again() {
    let stage = Stage::with_files().await;
    let id = stage.client.volume(1).await;
    let image = stage.glance.add("image", "raw", disk(MIB, 7));
    stage.glance.plan(&[Trouble::BreaksAfter(MIB / 2)]);
    let _ = reimage(&stage.client, &id, &image).await.expect(202);
    let volume = stage.client.wait_for("volumes", &id, "available").await;
    assert!(stage.bytes(&volume, MIB) == disk(MIB, 7), "the bytes differ");
    stage.check().await;
}

#[tokio::test]
async fn what_can_be_known_before_is_refused_before() {
    let stage = Stage::with_sim(&sim()).await;
    let id = stage.client.volume(1).await;
    let client = &stage.client;
    let nobody = crate::volumes::NOBODY;
    let message = reimage(client, &id, nobody).await.expect(404).message();
    assert_eq!(message, format!("Image {nobody} could not be found."));
    let large = stage.glance.add("large", "raw", disk(MIB, 8));
    stage.glance.say(&large, "min_disk", json!(2));
    let message = reimage(client, &id, &large).await.expect(400).message();
    assert!(message.contains("minDisk size 2GB"), "{message}");
    let queued = stage.glance.add("queued", "raw", disk(MIB, 8));
    stage.glance.say(&queued, "status", json!("queued"));
    let message = reimage(client, &id, &queued).await.expect(400).message();
    assert!(message.contains("is not active"), "{message}");
    let good = stage.glance.add("good", "raw", disk(MIB, 8));
    let _ = reimage(&client.at(67), &id, &good).await.expect(404);
    let _ = reimage(client, &id, "good").await.expect(400);
    let _ = reimage(&stage.cloud.member(), &id, &good).await.expect(404);
    let _ = reimage(&client.with_roles(&["reader"]), &id, &good).await.expect(403);
    assert_eq!(settled(&stage, &id).await["status"], "available");
    stage.check().await;
}

#[tokio::test]
async fn a_reserved_volume_is_reimaged_for_who_asks_for_that_and_stays_reserved() {
    let stage = Stage::with_sim(&sim()).await;
    let client = &stage.client;
    let image = stage.glance.add("image", "raw", disk(MIB, 9));
    let id = client.volume(1).await;
    let server = "11111111-2222-4333-8444-555555555555";
    let wish = json!({ "attachment": { "volume_uuid": id, "instance_uuid": server } });
    let made = client.post("/attachments", &wish).await.expect(200);
    let message = reimage(client, &id, &image).await.expect(400).message();
    assert!(message.contains("status must be available or error, but"), "{message}");
    let wish = json!({ "image_id": image, "reimage_reserved": true });
    let _ = client.act(&id, "os-reimage", wish).await.expect(202);
    let volume = client.wait_for("volumes", &id, "reserved").await;
    assert_eq!(volume["bootable"], "true");
    let attachment = made.body["attachment"]["id"].as_str().expect("an id");
    let _ = client.delete(&format!("/attachments/{attachment}")).await.expect(200);
    client.wait_for("volumes", &id, "available").await;
    stage.check().await;
}

/// An image that is Nova's record of a server, which boots from the snapshot.
fn image_for(stage: &Stage, snapshot: &str) -> String {
    let image = stage.glance.add("server", "qcow2", Vec::new());
    let mapping = json!([{ "source_type": "snapshot", "boot_index": 0, "snapshot_id": snapshot }]);
    stage.glance.say(&image, "block_device_mapping", json!(mapping.to_string()));
    image
}

#[tokio::test]
async fn an_image_that_stands_for_a_snapshot_gives_the_snapshots_content() {
    let sim = sim();
    let stage = Stage::with_sim(&sim).await;
    let client = &stage.client;
    let source = client.volume(1).await;
    assert!(sim.write("pool", &format!("volume-{source}"), b"of the server"));
    let snapshot = client.snapshot(&source).await;
    let image = image_for(&stage, &snapshot);
    let id = client.volume(1).await;
    let _ = reimage(client, &id, &image).await.expect(202);
    client.wait_for("volumes", &id, "available").await;
    let read = sim.read("pool", &format!("volume-{id}")).expect("the backend has it");
    assert!(read.starts_with(b"of the server"));
    stage.check().await;
}

/// By itself, with its volume, and with its group snapshot.
#[tokio::test]
async fn a_snapshot_that_is_removed_meanwhile_goes_after_the_reimage() {
    for kind in ["snapshots", "volumes", "group_snapshots"] {
        let sim = sim();
        let stage = Stage::with_sim(&sim).await;
        let client = &stage.client;
        let group_type = client.with_roles(&["admin"]).group_type(json!({})).await;
        let group = client.group(&group_type, &["__DEFAULT__"]).await;
        let source = client.volume_in(&group).await;
        assert!(sim.write("pool", &format!("volume-{source}"), b"of the server"));
        let goes = match kind {
            "snapshots" => client.snapshot(&source).await,
            "volumes" => {
                let wish = json!({ "group": { "remove_volumes": source } });
                let _ = client.put(&format!("/groups/{group}"), &wish).await.expect(202);
                client.wait_for("groups", &group, "available").await;
                let _ = client.snapshot(&source).await;
                source
            }
            _ => client.group_snapshot(&group).await,
        };
        let listed = client.get("/snapshots").await.expect(200).body;
        let image = image_for(&stage, listed["snapshots"][0]["id"].as_str().expect("a snapshot"));
        let id = client.volume(1).await;
        // Not before the removal was asked for.
        sim.plan(PlannedFailure::before(Call::EnsureReverted, When::First(3), FailureKind::Busy));
        let _ = reimage(client, &id, &image).await.expect(202);
        let query = if kind == "volumes" { "?cascade=true" } else { "" };
        let _ = client.delete(&format!("/{kind}/{goes}{query}")).await.expect(202);
        client.wait_gone(kind, &goes).await;
        assert_eq!(settled(&stage, &id).await["status"], "available", "{kind}");
        let read = sim.read("pool", &format!("volume-{id}")).expect("the backend has it");
        assert!(read.starts_with(b"of the server"), "{kind}");
        stage.check().await;
    }
}

#[tokio::test]
async fn a_backend_that_fails_leaves_the_volume_in_error_with_a_message() {
    let sim = sim();
    let stage = Stage::with_sim(&sim).await;
    let image = stage.glance.add("image", "raw", disk(MIB, 10));
    let id = stage.client.volume(1).await;
    let failure = PlannedFailure::before(Call::EnsureRefilled, When::Always, FailureKind::NoSpace);
    sim.plan(failure);
    let _ = reimage(&stage.client, &id, &image).await.expect(202);
    let volume = stage.client.wait_for("volumes", &id, "error").await;
    assert_eq!(stage.told().await, "VOLUME_VOLUME_016_001");
    assert!(volume.get("volume_image_metadata").is_none(), "{volume}");
    stage.check().await;
}
