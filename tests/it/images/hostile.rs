//! Images that are not what they say, or want to be more: each ends in an error soon, and nothing of it stays.

use std::path::Path;

use serde_json::json;

use super::{MIB, Stage, disk, image_of, qemu_img};

const UNACCEPTABLE: &str = "VOLUME_VOLUME_005_029";

/// An image made by `qemu-img create` with these words, in a directory of its own.
fn created(words: &[&str], size: &str) -> Vec<u8> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("image");
    let words: Vec<&str> = [&["create", "-q"], words].concat();
    qemu_img(&words, &[&path, Path::new(size)]);
    std::fs::read(path).expect("it can be read")
}

/// Makes a volume of it and expects that it fails at once.
async fn is_refused(name: &str, format: &str, bytes: Vec<u8>, event: &str) {
    let stage = Stage::with_files().await;
    let image = stage.glance.add(name, format, bytes);
    let volume = stage.made(&image).await;
    assert_eq!(stage.glance.downloads(), 1, "{name}: no second look changes it");
    stage.failed_cleanly(&volume, event).await;
}

#[tokio::test]
async fn another_digest_is_refused() {
    for (format, bytes) in [("raw", disk(MIB, 1)), ("qcow2", image_of(&disk(MIB, 1), "qcow2"))] {
        let stage = Stage::with_files().await;
        let image = stage.glance.add("forged", format, bytes);
        stage.glance.say(&image, "os_hash_value", json!("0".repeat(128)));
        let volume = stage.made(&image).await;
        assert_eq!(stage.glance.downloads(), 1);
        stage.failed_cleanly(&volume, "VOLUME_VOLUME_005_011").await;
    }
}

#[tokio::test]
async fn raw_bytes_that_look_like_another_format_are_refused() {
    for format in ["qcow2", "vmdk", "vdi", "vhdx"] {
        is_refused(format, "raw", image_of(&disk(MIB, 2), format), UNACCEPTABLE).await;
    }
}

#[tokio::test]
async fn bytes_that_do_not_look_like_their_format_are_refused() {
    is_refused("plain", "qcow2", disk(MIB, 3), UNACCEPTABLE).await;
    is_refused("other", "vmdk", image_of(&disk(MIB, 3), "qcow2"), UNACCEPTABLE).await;
}

#[tokio::test]
async fn an_image_that_leads_elsewhere_is_refused() {
    let backed =
        created(&["-f", "qcow2", "-u", "-o", "backing_file=/etc/passwd,backing_fmt=raw"], "1M");
    is_refused("backed", "qcow2", backed, UNACCEPTABLE).await;
    let directory = tempfile::tempdir().expect("a directory");
    let data = format!("data_file={}", directory.path().join("data").display());
    let outside = created(&["-f", "qcow2", "-o", &data], "1M");
    is_refused("outside", "qcow2", outside, UNACCEPTABLE).await;
    let text = b"# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\n\
                 createType=\"monolithicFlat\"\nRW 2048 FLAT \"/etc/passwd\" 0\n";
    is_refused("extent", "vmdk", text.to_vec(), UNACCEPTABLE).await;
}

#[tokio::test]
async fn a_disk_larger_than_the_volume_is_refused() {
    is_refused("wide", "qcow2", created(&["-f", "qcow2"], "2G"), "VOLUME_VOLUME_005_007").await;
}

#[tokio::test]
async fn an_image_that_ends_early_is_refused() {
    let mut whole = image_of(&disk(2 * MIB, 4), "qcow2");
    whole.truncate(whole.len() / 2);
    is_refused("short", "qcow2", whole, UNACCEPTABLE).await;
}

#[tokio::test]
async fn an_image_with_more_bytes_than_were_said_is_refused() {
    let stage = Stage::with_files().await;
    let image = stage.glance.add("long", "raw", disk(MIB, 5));
    stage.glance.say(&image, "size", json!(MIB / 2));
    let volume = stage.made(&image).await;
    stage.failed_cleanly(&volume, UNACCEPTABLE).await;
}
