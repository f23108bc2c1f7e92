//! Volumes from images that are what they say, over a network that is not always.

use std::sync::Arc;
use std::time::Duration;

use ashlar_db::flows;
use ashlar_drivers::FailureKind;
use ashlar_drivers::sim::{Call, PlannedFailure, Sim, SimPool, SimSettings, When};
use ashlar_testkit::Plan;
use ashlar_testkit::glance::Trouble;
use ashlar_testkit::make::id_of;
use serde_json::json;

use super::{MIB, Stage, disk, image_of, sim};

#[tokio::test]
async fn a_raw_image_becomes_a_bootable_volume_without_a_file_in_between() {
    let stage = Stage::with_files().await;
    let disk = disk(3 * MIB + 17, 1);
    let image = stage.glance.add("plain", "raw", disk.clone());
    stage.glance.say(&image, "os_distro", json!("debian"));
    let volume = stage.made(&image).await;
    assert_eq!(volume["status"], "available");
    assert_eq!(volume["bootable"], "true");
    let kept = &volume["volume_image_metadata"];
    assert_eq!(kept["image_id"], image);
    assert_eq!(kept["image_name"], "plain");
    assert_eq!(kept["disk_format"], "raw");
    assert_eq!(kept["size"], (3 * MIB + 17).to_string());
    assert_eq!(kept["os_distro"], "debian");
    assert_eq!(stage.bytes(&volume, disk.len()), disk);
    let file = std::fs::metadata(stage.volume_file(&volume)).expect("the volume's file");
    assert_eq!(file.len(), 1 << 30);
    assert!(!stage.directory.path().join("conversion").exists(), "nothing was to be converted");
    stage.check().await;
}

#[tokio::test]
async fn images_of_every_format_are_converted_to_the_disk_in_them() {
    let stage = Stage::with_files().await;
    for (number, format) in ["qcow2", "vmdk", "vdi", "vhdx", "vpc"].into_iter().enumerate() {
        let disk = disk(2 * MIB, number as u64 + 7);
        let name = if format == "vpc" { "vhd" } else { format };
        let image = stage.glance.add(name, name, image_of(&disk, format));
        let volume = stage.made(&image).await;
        assert_eq!(volume["status"], "available", "{name}");
        assert_eq!(stage.bytes(&volume, disk.len()), disk, "{name}");
        assert_eq!(volume["volume_image_metadata"]["disk_format"], name);
    }
    stage.check().await;
}

#[tokio::test]
async fn many_volumes_at_once_are_filled_once() {
    let stage = Stage::with_files().await;
    let disk = disk(4 * MIB, 3);
    let image = stage.glance.add("many", "qcow2", image_of(&disk, "qcow2"));
    // Slow enough that all have come before it is there.
    stage.glance.plan(&[Trouble::Slow(Duration::from_millis(20))]);
    let mut asked = Vec::new();
    for _ in 0..50 {
        let volume = json!({ "size": 1, "imageRef": image });
        asked.push(id_of(&stage.client.create_volume(volume).await));
    }
    for id in asked {
        let volume = stage.client.wait_for("volumes", &id, "available").await;
        assert_eq!(stage.bytes(&volume, disk.len()), disk);
        assert_eq!(volume["bootable"], "true");
    }
    assert_eq!(stage.glance.downloads(), 1);
    stage.check().await;
}

#[tokio::test]
async fn a_download_that_breaks_or_is_refused_for_a_while_is_begun_again() {
    let stage = Stage::with_files().await;
    let disk = disk(2 * MIB, 4);
    for (format, bytes) in [("raw", disk.clone()), ("qcow2", image_of(&disk, "qcow2"))] {
        let image = stage.glance.add(format, format, bytes);
        stage.glance.plan(&[
            Trouble::Unavailable,
            Trouble::Unavailable,
            Trouble::BreaksAfter(100_000),
            Trouble::BreaksAfter(0),
        ]);
        let volume = stage.made(&image).await;
        assert_eq!(volume["status"], "available", "{format}");
        assert_eq!(stage.bytes(&volume, disk.len()), disk, "{format}");
    }
    stage.check().await;
}

#[tokio::test]
async fn a_download_that_always_breaks_is_an_honest_error() {
    let stage = Stage::with_files().await;
    let image = stage.glance.add("cursed", "raw", disk(MIB, 5));
    stage.glance.plan(&[Trouble::BreaksAfter(200_000); 50]);
    let volume = stage.made(&image).await;
    assert!((2..50).contains(&stage.glance.downloads()), "{}", stage.glance.downloads());
    stage.failed_cleanly(&volume, "VOLUME_VOLUME_005_001").await;
}

#[tokio::test]
async fn an_image_that_falls_silent_keeps_nobody_waiting_for_ever() {
    let stage = Stage::with_files().await;
    let image = stage.glance.add("silent", "raw", disk(MIB, 6));
    stage.glance.plan(&[Trouble::StallsAfter(70_000)]);
    let volume = stage.made(&image).await;
    assert_eq!(volume["status"], "available");
    assert_eq!(stage.glance.downloads(), 2);
    stage.check().await;
}

#[tokio::test]
async fn an_image_that_is_deleted_meanwhile_is_an_error() {
    let stage = Stage::with_files().await;
    let image = stage.glance.add("doomed", "raw", disk(MIB, 7));
    stage.glance.plan(&[Trouble::VanishesAfter(65_536)]);
    let volume = stage.made(&image).await;
    assert_eq!(stage.glance.downloads(), 2, "asked for once more, and gone");
    stage.failed_cleanly(&volume, "VOLUME_VOLUME_005_001").await;
}

#[tokio::test]
async fn a_backend_without_room_gives_the_image_to_another() {
    let full = |kind| PlannedFailure {
        call: Call::EnsureFilledVolume,
        when: When::First(1),
        kind,
        after: false,
    };
    for kind in [FailureKind::NoSpace, FailureKind::Busy] {
        let mut settings = SimSettings::new("one", vec![SimPool::thin("pool", 1000)]);
        settings.failures = vec![full(kind)];
        let one = Sim::new(settings);
        let other = Sim::new(SimSettings::new("two", vec![SimPool::thin("pool", 900)]));
        let plan = Plan::with_backends(vec![
            ("one".to_owned(), Arc::new(one)),
            ("two".to_owned(), Arc::new(other)),
        ]);
        let stage = Stage::planned(tempfile::tempdir().expect("a directory"), plan).await;
        let image = stage.glance.add("any", "raw", disk(MIB, 8));
        let volume = stage.made(&image).await;
        assert_eq!(volume["status"], "available");
        stage.check().await;
    }
}

#[tokio::test]
async fn an_image_without_room_to_be_converted_is_an_error_before_it_comes() {
    let stage = Stage::with_sim(&sim()).await;
    let image = stage.glance.add("vast", "qcow2", image_of(&disk(MIB, 9), "qcow2"));
    // More than any disk that this runs on has.
    stage.glance.say(&image, "size", json!(9_000_u64 << 30));
    let wish = json!({ "size": 10_000, "imageRef": image });
    let asked = stage.client.create_volume(wish).await;
    let volume = stage.client.settled("volumes", &id_of(&asked)).await.expect("it is there");
    assert_eq!(stage.glance.downloads(), 0);
    stage.failed_cleanly(&volume, "VOLUME_VOLUME_005_007").await;
}

#[tokio::test]
async fn how_far_a_download_has_come_is_noted_in_its_flow() {
    let stage = Stage::with_sim(&sim()).await;
    let image = stage.glance.add("slow", "raw", disk(2 * MIB, 10));
    stage.glance.plan(&[Trouble::Slow(Duration::from_millis(80))]);
    let asked = stage.client.create_volume(json!({ "size": 1, "imageRef": image })).await;
    let id = id_of(&asked);
    let filter = flows::Filter { resource_id: Some(id.clone()), ..flows::Filter::default() };
    let volume = stage.client.wait_for("volumes", &id, "available").await;
    assert_eq!(volume["bootable"], "true");
    let mut tx = stage.cloud.db.read().await.expect("the database answers");
    let found = flows::list(&mut tx, &filter).await.expect("flows can be listed");
    let progress = found[0].progress.clone().expect("it was noted");
    assert_eq!(progress.what, "downloading");
    assert_eq!(progress.total, Some(2 * MIB as u64));
    assert!((1..=2 * MIB as u64).contains(&progress.done), "{progress:?}");
}

/// Waits until so many downloads were begun; the volume is `downloading` by then.
async fn begun(stage: &Stage, downloads: usize) {
    while stage.glance.downloads() < downloads {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_volume_that_is_deleted_by_force_while_its_image_comes_goes() {
    let stage = Stage::with_files().await;
    let disk = disk(2 * MIB, 11);
    let images = [("raw", disk.clone()), ("qcow2", image_of(&disk, "qcow2"))];
    for (number, (format, bytes)) in images.into_iter().enumerate() {
        let image = stage.glance.add(format, format, bytes);
        stage.glance.plan(&[Trouble::Slow(Duration::from_millis(30))]);
        let asked = stage.client.create_volume(json!({ "size": 1, "imageRef": image })).await;
        let id = id_of(&asked);
        begun(&stage, number + 1).await;
        let admin = stage.cloud.admin();
        let _ = admin.act(&id, "os-force_delete", json!({})).await.expect(202);
        stage.client.wait_gone("volumes", &id).await;
        stage.check().await;
    }
}

/// Keeps the volume for a server while its image comes.
async fn kept(stage: &Stage, image: &str) -> (String, String) {
    let asked = stage.client.create_volume(json!({ "size": 1, "imageRef": image })).await;
    let id = id_of(&asked);
    begun(stage, 1).await;
    let server = "11111111-2222-4333-8444-555555555555";
    let wish = json!({ "attachment": { "volume_uuid": id, "instance_uuid": server } });
    let kept = stage.client.at(54).post("/attachments", &wish).await.expect(200);
    (id, id_of(&kept.body["attachment"]))
}

#[tokio::test]
async fn a_volume_that_is_kept_for_a_server_and_never_comes_is_an_error() {
    let stage = Stage::with_files().await;
    let image = stage.glance.add("cursed", "raw", disk(MIB, 5));
    stage.glance.plan(&[Trouble::BreaksAfter(200_000); 50]);
    let (id, attachment) = kept(&stage, &image).await;
    stage.cloud.quiet().await;
    let failed = stage.client.wait_for("volumes", &id, "error").await;
    assert_eq!(failed["attachments"], json!([]));
    let _ = stage.client.at(54).delete(&format!("/attachments/{attachment}")).await.expect(200);
    let seen = stage.client.wait_for("volumes", &id, "error").await;
    stage.failed_cleanly(&seen, "VOLUME_VOLUME_005_001").await;
}

#[tokio::test]
async fn a_volume_that_is_kept_for_a_server_while_it_comes_is_whole_in_the_end() {
    let stage = Stage::with_files().await;
    let disk = disk(2 * MIB, 9);
    let image = stage.glance.add("slow", "raw", disk.clone());
    let slow = Trouble::Slow(Duration::from_millis(20));
    stage.glance.plan(&[slow]);
    let (id, attachment) = kept(&stage, &image).await;
    let _ = stage.client.at(54).delete(&format!("/attachments/{attachment}")).await.expect(200);
    let volume = stage.client.wait_for("volumes", &id, "available").await;
    assert_eq!(volume["bootable"], "true");
    assert_eq!(stage.bytes(&volume, disk.len()), disk, "available when it is there and not before");
    stage.check().await;
}
