//! `os-volume_upload_image`: from a volume to an image.

use std::sync::Arc;

use ashlar_flow::{Fate, Interrupt, Moment};
use ashlar_testkit::Plan;
use ashlar_testkit::glance::{RecordTrouble, Trouble};
use ashlar_testkit::make::id_of;
use serde_json::{Value, json};

use super::{MIB, Stage, disk, head, qemu_img};

const ACTION: &str = "os-volume_upload_image";

/// A volume with content, of the `file` backend, and its bytes.
async fn volume(stage: &Stage, seed: u64) -> (String, Vec<u8>) {
    let disk = disk(MIB, seed);
    let image = stage.glance.add("origin", "raw", disk.clone());
    stage.glance.say(&image, "os_distro", json!("debian"));
    stage.glance.say(&image, "os_glance_importing", json!("x"));
    let volume = stage.made(&image).await;
    assert_eq!(volume["status"], "available");
    (id_of(&volume), disk)
}

/// Asks for the upload and waits for its end. The answer, and the image's identity.
async fn uploaded(stage: &Stage, volume: &str, wish: Value) -> (Value, String) {
    let answer = stage.client.act(volume, ACTION, wish).await.expect(202);
    let answer = answer.body[ACTION].clone();
    stage.client.wait_for("volumes", volume, "available").await;
    let image = answer["image_id"].as_str().expect("an image").to_owned();
    (answer, image)
}

#[tokio::test]
async fn a_volume_becomes_an_image_with_its_bytes_and_what_it_kept() {
    let stage = Stage::with_files().await;
    let (volume, disk) = volume(&stage, 1).await;
    let wish = json!({ "image_name": "copy", "visibility": "shared", "protected": true });
    let (answer, image) = uploaded(&stage, &volume, wish).await;
    assert_eq!(answer["id"], volume);
    assert_eq!(answer["status"], "uploading");
    assert_eq!(answer["size"], 1);
    assert_eq!(answer["image_name"], "copy");
    assert_eq!(
        (&answer["disk_format"], &answer["container_format"]),
        (&json!("raw"), &json!("bare"))
    );
    assert_eq!((&answer["visibility"], &answer["protected"]), (&json!("shared"), &json!(true)));
    assert_eq!(answer["volume_type"]["name"], "__DEFAULT__");
    let held = stage.glance.get(&image).expect("the image is there");
    assert_eq!(held.says["status"], "active");
    assert_eq!(held.says["os_distro"], "debian");
    assert!(!held.says.contains_key("image_id") && !held.says.contains_key("os_glance_importing"));
    assert_eq!(held.bytes.len(), 1 << 30);
    assert_eq!(held.bytes[..disk.len()], disk);
    stage.check().await;
}

#[tokio::test]
async fn an_image_of_another_format_has_the_same_disk_in_it() {
    let stage = Stage::with_files().await;
    let (volume, disk) = volume(&stage, 2).await;
    for format in ["qcow2", "vmdk", "vdi", "vhd", "vhdx"] {
        let wish = json!({ "image_name": format, "disk_format": format });
        let (answer, image) = uploaded(&stage, &volume, wish).await;
        assert_eq!(answer["disk_format"], format);
        let held = stage.glance.get(&image).expect("the image is there");
        assert!(held.bytes.len() < 64 * MIB, "{format} has {} bytes", held.bytes.len());
        let (made, back) =
            (stage.directory.path().join("made"), stage.directory.path().join("back"));
        std::fs::write(&made, &held.bytes).expect("it can be written");
        let driver = if format == "vhd" { "vpc" } else { format };
        qemu_img(&["convert", "-f", driver, "-O", "raw"], &[&made, &back]);
        assert_eq!(head(&back, disk.len()), disk, "{format}");
        let volume = stage.made(&image).await;
        assert_eq!(stage.bytes(&volume, disk.len()), disk, "{format}");
    }
    stage.check().await;
}

#[tokio::test]
async fn below_3_1_nothing_is_said_of_who_may_see_it() {
    let stage = Stage::with_files().await;
    let (volume, _) = volume(&stage, 3).await;
    let old = stage.client.at(0);
    let body = json!({ ACTION: { "image_name": "old", "force": "False" } });
    let path = format!("/volumes/{volume}/action");
    let answer = old.post(&path, &body).await.expect(202);
    assert!(answer.body[ACTION].get("visibility").is_none());
    stage.client.wait_for("volumes", &volume, "available").await;
    let body = json!({ ACTION: { "image_name": "old", "visibility": "private" } });
    let _ = old.post(&path, &body).await.expect(400);
    let public = json!({ "image_name": "all", "visibility": "public" });
    let _ = stage.client.act(&volume, ACTION, public).await.expect(403);
    for wrong in [
        json!({}),
        json!({ "image_name": "" }),
        json!({ "image_name": "x", "disk_format": "iso" }),
        json!({ "image_name": "x", "container_format": "ova" }),
        json!({ "image_name": "x", "more": 1 }),
    ] {
        let _ = stage.client.act(&volume, ACTION, wrong).await.expect(400);
    }
    stage.check().await;
}

#[tokio::test]
async fn an_upload_that_breaks_is_begun_again() {
    let stage = Stage::with_files().await;
    let (volume, disk) = volume(&stage, 4).await;
    stage.glance.plan(&[Trouble::Unavailable, Trouble::BreaksAfter(10 * MIB)]);
    let (_, image) = uploaded(&stage, &volume, json!({ "image_name": "copy" })).await;
    let held = stage.glance.get(&image).expect("the image is there");
    assert_eq!(held.says["status"], "active");
    assert_eq!(held.bytes[..disk.len()], disk);
    assert_eq!(stage.glance.uploads(), 3);
    stage.check().await;
}

#[tokio::test]
async fn an_upload_that_cannot_be_done_leaves_volume_and_glance_as_they_were() {
    let stage = Stage::with_files().await;
    let (volume, _) = volume(&stage, 5).await;
    let before = stage.glance.count();
    for trouble in [Trouble::Unavailable, Trouble::VanishesAfter(MIB)] {
        stage.glance.plan(&[trouble; 30]);
        let (_, image) = uploaded(&stage, &volume, json!({ "image_name": "copy" })).await;
        stage.glance.forget();
        assert!(stage.glance.get(&image).is_none(), "{trouble:?}");
        assert_eq!(stage.glance.count(), before);
        assert_eq!(stage.told().await, "VOLUME_VOLUME_003_004");
    }
    stage.check().await;
}

#[tokio::test]
async fn a_volume_in_use_is_uploaded_only_by_force_and_where_that_is_allowed() {
    for allowed in [false, true] {
        let directory = tempfile::tempdir().expect("a directory");
        let mut plan = Plan::with_sim(&super::sim());
        plan.settings.enable_force_upload = allowed;
        let stage = Stage::planned(directory, plan).await;
        let volume = stage.client.volume(1).await;
        let mut tx = stage.cloud.db.begin().await.expect("begins");
        let sql = "UPDATE volumes SET status = 'in-use', attach_status = 'attached' WHERE id = ?";
        tx.execute(sql, ashlar_db::args![&volume]).await.expect("it is there");
        tx.commit().await.expect("commits");
        let _ = stage.client.act(&volume, ACTION, json!({ "image_name": "x" })).await.expect(400);
        assert_eq!(stage.glance.count(), 0);
        let forced = json!({ "image_name": "x", "force": true });
        let wanted = if allowed { 202 } else { 400 };
        let _ = stage.client.act(&volume, ACTION, forced).await.expect(wanted);
        stage.client.wait_for("volumes", &volume, "in-use").await;
        assert_eq!(stage.glance.count(), usize::from(allowed));
        stage.check().await;
    }
}

#[tokio::test]
async fn a_record_of_which_glance_speaks_unclearly_goes_again_and_the_user_reads_no_reasons() {
    let stage = Stage::with_sim(&super::sim()).await;
    let volume = stage.client.volume(1).await;
    for protected in [false, true] {
        stage.glance.plan_record(RecordTrouble::Garbled);
        let wish = json!({ "image_name": "x", "visibility": "shared", "protected": protected });
        let refused = stage.client.act(&volume, ACTION, wish).await.expect(400);
        assert_eq!(refused.message(), "The image could not be created.");
        for _ in 0..500 {
            if stage.glance.count() == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(stage.glance.count(), 0, "protected: {protected}");
    }
    stage.glance.plan_record(RecordTrouble::Refused(413));
    let wish = json!({ "image_name": "x" });
    let refused = stage.client.act(&volume, ACTION, wish).await.expect(400);
    assert!(refused.message().contains("413"), "{}", refused.message());
    stage.check().await;
}

/// The upload's first task fails.
struct NoQuiet;

impl Interrupt for NoQuiet {
    fn at(&self, flow: &str, moment: Moment<'_>) -> Fate {
        match (flow, moment) {
            ("upload-volume", Moment::Execute("quiesce")) => Fate::Fail,
            _ => Fate::Go,
        }
    }
}

#[tokio::test]
async fn an_upload_that_ends_before_anything_is_sent_leaves_no_record() {
    let directory = tempfile::tempdir().expect("a directory");
    let plan = Plan::with_sim(&super::sim()).interrupt(Arc::new(NoQuiet));
    let stage = Stage::planned(directory, plan).await;
    let volume = stage.client.volume(1).await;
    let wish = json!({ "image_name": "x", "visibility": "shared", "protected": true });
    let (_, image) = uploaded(&stage, &volume, wish).await;
    assert!(stage.glance.get(&image).is_none());
    assert_eq!(stage.told().await, "VOLUME_VOLUME_003_004");
    stage.check().await;
}
