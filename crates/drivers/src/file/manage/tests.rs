//! Files of others: which are listed and taken over, and what becomes of them.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::driver::{Driver as _, SnapshotRef, VolumeRef};
use crate::error::FailureKind;
use crate::file::FileSettings;

async fn driver() -> (FileDriver, TempDir) {
    let home = TempDir::new().expect("a directory for the test");
    let driver = FileDriver::new(FileSettings::new(home.path(), "files"));
    driver.check_setup().await.expect("set up");
    (driver, home)
}

fn volume(name: &str) -> Thing<'_> {
    Thing::Volume(VolumeRef { name, pool: "files", size: Gib(1) })
}

fn named(name: &str) -> Reference {
    Reference::named(name).expect("a plain name")
}

fn entries(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(directory)
        .expect("readable")
        .map(|entry| entry.expect("entry").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn plain_files_are_listed_with_their_sizes_and_what_is_against_them() {
    let (driver, home) = driver().await;
    let at = |name: &str| home.path().join(name);
    fs::write(at("disk.img"), vec![7; 4096]).expect("written");
    fs::write(at("empty"), b"").expect("written");
    fs::write(at("double"), b"x").expect("written");
    fs::hard_link(at("double"), at("again")).expect("linked");
    fs::File::create(at("volume-1")).and_then(|file| file.set_len(5 << 29)).expect("written");
    fs::write(at("snapshot-1"), b"x").expect("written");
    fs::write(at("volume-2.part"), b"x").expect("written");
    fs::write(at(".hidden"), b"x").expect("written");
    fs::create_dir(at("directory")).expect("made");
    symlink("/etc/passwd", at("link")).expect("linked");
    let mut found = driver.list_manageable(Kind::Volume).await.expect("listed");
    found.sort_by(|a, b| a.reference.cmp(&b.reference));
    let shown: Vec<_> = found
        .iter()
        .map(|it| (it.reference.source_name(), it.size.0, it.unfit.as_deref()))
        .collect();
    let double = Some("the file has another name too");
    assert_eq!(
        shown,
        [
            ("again", 1, double),
            ("disk.img", 1, None),
            ("double", 1, double),
            ("empty", 0, Some("empty")),
            ("volume-1", 3, None),
        ]
    );
    let found = driver.list_manageable(Kind::Snapshot).await.expect("listed");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].reference.source_name(), "snapshot-1");
}

#[tokio::test]
async fn what_is_no_plain_file_of_the_directory_is_not_taken_over() {
    let (driver, home) = driver().await;
    let at = |name: &str| home.path().join(name);
    let outside = TempDir::new().expect("another directory");
    fs::write(outside.path().join("theirs"), b"secret").expect("written");
    symlink(outside.path().join("theirs"), at("link")).expect("linked");
    fs::create_dir(at("directory")).expect("made");
    fs::write(at("empty"), b"").expect("written");
    fs::hard_link(outside.path().join("theirs"), at("hard")).expect("linked");
    let before = entries(home.path());
    for (name, kind) in [
        ("link", FailureKind::Invalid),
        ("directory", FailureKind::Invalid),
        ("empty", FailureKind::Invalid),
        ("hard", FailureKind::Invalid),
        ("nothing", FailureKind::NotFound),
    ] {
        let reference = named(name);
        let error = driver.measure(&reference, None).await.expect_err(name);
        assert_eq!(error.kind, kind, "{name}: {error}");
        let error = driver.ensure_managed(volume("volume-9"), &reference).await.expect_err(name);
        assert_eq!(error.kind, kind, "{name}: {error}");
    }
    assert_eq!(entries(home.path()), before);
    let error = driver.measure(&named("empty"), Some("other")).await.expect_err("no such pool");
    assert_eq!(error.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn what_is_taken_over_keeps_its_bytes_and_is_its_owners_alone() {
    let (driver, home) = driver().await;
    let (old, new) = (home.path().join("disk.img"), home.path().join("volume-1"));
    fs::write(&old, b"theirs").expect("written");
    fs::set_permissions(&old, fs::Permissions::from_mode(0o666)).expect("opened to all");
    let made = driver.ensure_managed(volume("volume-1"), &named("disk.img")).await.expect("taken");
    assert_eq!(made.provider_location.as_deref(), new.to_str());
    assert_eq!(entries(home.path()), ["volume-1"]);
    assert_eq!(fs::read(&new).expect("there"), b"theirs");
    assert_eq!(fs::metadata(&new).expect("there").permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_second_name_that_a_crash_left_goes_with_the_next_attempt() {
    // Where files cannot be renamed without replacing, a crash may leave both names on one file.
    let (driver, home) = driver().await;
    let at = |name: &str| home.path().join(name);
    fs::write(at("disk.img"), b"theirs").expect("written");
    fs::hard_link(at("disk.img"), at("volume-1")).expect("linked");
    let reference = named("disk.img");
    driver.ensure_managed(volume("volume-1"), &reference).await.expect("taken over");
    assert_eq!(entries(home.path()), ["volume-1"]);
    fs::hard_link(at("volume-1"), at("disk.img")).expect("linked");
    driver.ensure_released(volume("volume-1"), Some(&reference)).await.expect("given back");
    assert_eq!(entries(home.path()), ["disk.img"]);
}

#[tokio::test]
async fn what_is_taken_over_is_what_was_measured() {
    let (driver, home) = driver().await;
    let path = home.path().join("disk.img");
    fs::write(&path, b"measured").expect("written");
    let measured = driver.measure(&named("disk.img"), None).await.expect("measured");
    let reference = named("disk.img").marked(measured.mark);
    let kept = home.path().join("kept.img");
    fs::rename(&path, &kept).expect("renamed");
    fs::write(&path, b"exchange").expect("written");
    let exchanged = driver.ensure_managed(volume("volume-1"), &reference).await;
    assert_eq!(exchanged.expect_err("another file").kind, FailureKind::Invalid);
    fs::write(&kept, b"measured and more").expect("written");
    fs::rename(&kept, &path).expect("renamed");
    let grown = driver.ensure_managed(volume("volume-1"), &reference).await;
    assert_eq!(grown.expect_err("longer").kind, FailureKind::Invalid);
    fs::write(&path, b"measured").expect("written");
    for _ in 0..2 {
        driver.ensure_managed(volume("volume-1"), &reference).await.expect("taken over");
    }
    assert_eq!(entries(home.path()), ["volume-1"]);
}

#[tokio::test]
async fn a_file_whose_earlier_name_is_taken_gets_one_that_is_not_ours() {
    let (driver, home) = driver().await;
    fs::write(home.path().join("disk.img"), b"first").expect("written");
    let reference = named("disk.img");
    driver.ensure_managed(volume("volume-1"), &reference).await.expect("taken over");
    fs::write(home.path().join("disk.img"), b"second").expect("written");
    for _ in 0..2 {
        driver.ensure_released(volume("volume-1"), Some(&reference)).await.expect("let go");
    }
    let row = VolumeRef { name: "volume-1", pool: "files", size: Gib(1) };
    driver.destroy_volume(row).await.expect("nothing of ours is there");
    assert_eq!(entries(home.path()), ["disk.img", "given-back-volume-1"]);
    assert_eq!(fs::read(home.path().join("given-back-volume-1")).expect("there"), b"first");
    assert_eq!(fs::read(home.path().join("disk.img")).expect("there"), b"second");
}

#[tokio::test]
async fn what_was_let_go_survives_a_start_and_is_still_a_sign_that_the_disk_is_mounted() {
    let (driver, home) = driver().await;
    driver
        .ensure_volume(VolumeRef { name: "volume-1", pool: "files", size: Gib(1) })
        .await
        .expect("made");
    driver.ensure_released(volume("volume-1"), None).await.expect("let go");
    driver.check_setup().await.expect("set up again");
    assert_eq!(entries(home.path()), ["volume-1"]);
    assert_eq!(driver.holds_anything().await.expect("looked"), Some(true));
    let snapshot =
        SnapshotRef { name: "snapshot-1", volume_name: "volume-1", pool: "files", size: Gib(1) };
    driver.ensure_managed(Thing::Snapshot(snapshot), &named("volume-1")).await.expect("taken over");
    assert_eq!(entries(home.path()), ["snapshot-1"]);
}
