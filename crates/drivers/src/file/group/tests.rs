//! Snapshots of volumes that somebody writes to.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ashlar_types::Gib;
use tempfile::TempDir;

use super::*;
use crate::driver::{Driver, VolumeRef};
use crate::file::{FileDriver, FileSettings};

const VOLUMES: [&str; 2] = ["volume-1", "volume-2"];
const SNAPSHOTS: [&str; 2] = ["snapshot-1", "snapshot-2"];

async fn two_volumes() -> (FileDriver, TempDir) {
    let home = TempDir::new().expect("a directory for the test");
    let driver = FileDriver::new(FileSettings::new(home.path(), "files"));
    driver.check_setup().await.expect("set up");
    for name in VOLUMES {
        let volume = VolumeRef { name, pool: "files", size: Gib(1) };
        driver.ensure_volume(volume).await.expect("made");
    }
    (driver, home)
}

fn both() -> [SnapshotRef<'static>; 2] {
    [0, 1].map(|n| SnapshotRef {
        name: SNAPSHOTS[n],
        volume_name: VOLUMES[n],
        pool: "files",
        size: Gib(1),
    })
}

fn number(home: &TempDir, name: &str) -> u64 {
    let mut bytes = [0; 8];
    let file = File::open(home.path().join(name)).expect("there");
    file.read_exact_at(&mut bytes, 0).expect("long enough");
    u64::from_le_bytes(bytes)
}

/// Writes 1, 2, 3, … to the first volume and each then to the second, as a database does with its log and its data.
fn write_in_turn(home: &TempDir, stop: Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    let files = VOLUMES
        .map(|name| OpenOptions::new().write(true).open(home.path().join(name)).expect("there"));
    std::thread::spawn(move || {
        for number in 1_u64.. {
            for file in &files {
                file.write_all_at(&number.to_le_bytes(), 0).expect("written");
            }
            if stop.load(Ordering::SeqCst) {
                return;
            }
        }
    })
}

#[tokio::test]
async fn snapshots_of_one_moment_have_no_write_without_the_one_before_it() {
    let (driver, home) = two_volumes().await;
    let stop = Arc::new(AtomicBool::new(false));
    let writer = write_in_turn(&home, Arc::clone(&stop));
    for _ in 0..5 {
        match driver.ensure_group_snapshot(&both(), Moment::Same).await {
            Ok(made) => {
                assert_eq!(made.len(), 2);
                let [first, second] = SNAPSHOTS.map(|name| number(&home, name));
                assert!(second <= first && first <= second + 1, "{first} and {second}");
                for snapshot in both() {
                    driver.destroy_snapshot(snapshot).await.expect("destroyed");
                }
            }
            // There may have been no pause that was long enough.
            Err(error) => {
                assert_eq!(error.kind, FailureKind::Busy);
                let left = driver.list().await.expect("listed");
                assert_eq!(left.len(), 2, "the volumes and nothing else: {left:?}");
            }
        }
    }
    driver.ensure_group_snapshot(&both(), Moment::Near).await.expect("they take what they get");
    stop.store(true, Ordering::SeqCst);
    writer.join().expect("it ends in order");
}

#[tokio::test]
async fn volumes_that_nobody_writes_to_have_snapshots_of_one_moment() {
    let (driver, home) = two_volumes().await;
    let told = Directory::open(home.path()).and_then(|directory| tells(&directory));
    match driver.ensure_group_snapshot(&both(), Moment::Same).await {
        Ok(_) => assert!(told.expect("a file system")),
        Err(error) => {
            assert!(!told.expect("a file system"), "{error}");
            assert_eq!(error.kind, FailureKind::Busy);
        }
    }
}
