//! The `file` driver: the contract, leftovers of a crash, foreign files, and what the files are like.

use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use ashlar_types::Capacity;
use rustix::fs::{FlockOperation, flock};
use tempfile::TempDir;

use super::*;
use crate::contract::Bench;
use crate::export::{ExportSettings, LocalSettings};

crate::driver_contract!(bench);

const NAME: &str = "volume-1";
/// As real ones are called, and what is half-made of them; others are not swept.
const REAL: &str = "volume-6b4ba2ff-6d3c-4e44-a4a3-0f6f3c1f4a01";
const REAL_PART: &str = "volume-6b4ba2ff-6d3c-4e44-a4a3-0f6f3c1f4a01.part";
const SNAPSHOT_PART: &str = "snapshot-6b4ba2ff-6d3c-4e44-a4a3-0f6f3c1f4a02.part";

async fn bench() -> Bench {
    let home = TempDir::new().expect("a directory for the test");
    let directory = home.path().join("deep/volumes");
    let hosts = vec![crate::contract::HOST.to_owned()];
    let local = LocalSettings { hosts, addresses: Vec::new() };
    let driver = FileDriver::new(FileSettings {
        export: ExportSettings::Local(local),
        ..FileSettings::new(&directory, "files")
    });
    driver.check_setup().await.expect("set up");
    let (writes, reads) = (directory.clone(), directory);
    Bench {
        driver: Arc::new(driver),
        pool: "files".to_owned(),
        write: Box::new(move |name, bytes| {
            let file = fs::OpenOptions::new().write(true).open(writes.join(name)).expect("there");
            file.write_all_at(bytes, 0).expect("written");
        }),
        read: Box::new(move |name, length| {
            let mut bytes = vec![0; length];
            let file = fs::File::open(reads.join(name)).expect("there");
            file.read_exact_at(&mut bytes, 0).expect("long enough");
            bytes
        }),
        keep: Box::new(home),
    }
}

/// A driver on a fresh directory that is set up.
async fn driver() -> (FileDriver, TempDir) {
    let home = TempDir::new().expect("a directory for the test");
    let driver = FileDriver::new(FileSettings::new(home.path(), "files"));
    driver.check_setup().await.expect("set up");
    (driver, home)
}

fn volume(name: &str) -> VolumeRef<'_> {
    VolumeRef { name, pool: "files", size: Gib(1) }
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
async fn a_volume_is_a_sparse_file_for_its_owner_alone_and_the_tables_get_its_path() {
    let home = TempDir::new().expect("a directory for the test");
    let directory = home.path().join("volumes");
    let driver = FileDriver::new(FileSettings::new(&directory, "files"));
    driver.check_setup().await.expect("set up");
    let made = driver.ensure_volume(volume(NAME)).await.expect("made");
    let path = directory.join(NAME);
    assert_eq!(made.provider_location.as_deref(), path.to_str());
    let file = fs::metadata(&path).expect("there");
    assert_eq!((file.len(), file.permissions().mode() & 0o777), (1 << 30, 0o600));
    assert!(file.blocks() < 64, "{} blocks for nothing", file.blocks());
    let mode = fs::metadata(&directory).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode, 0o700);
}

#[tokio::test]
async fn a_leftover_of_a_crash_is_listed_and_replaced_by_the_next_attempt() {
    let (driver, home) = driver().await;
    fs::write(home.path().join("volume-1.part"), b"garbage").expect("written");
    let list = driver.list().await.expect("listed");
    assert_eq!((list[0].name.as_str(), list[0].complete), (NAME, false));
    driver.ensure_volume(volume(NAME)).await.expect("made in spite of it");
    assert_eq!(entries(home.path()), [NAME]);
    let content = fs::File::open(home.path().join(NAME)).expect("there");
    let mut head = [1; 16];
    content.read_exact_at(&mut head, 0).expect("long enough");
    assert_eq!(head, [0; 16], "nothing of the leftover got in");
}

#[tokio::test]
async fn a_leftover_goes_at_the_next_start_and_with_a_destroy() {
    let (driver, home) = driver().await;
    for name in [REAL_PART, SNAPSHOT_PART] {
        fs::write(home.path().join(name), b"garbage").expect("written");
    }
    driver.destroy_volume(volume(REAL)).await.expect("destroyed");
    assert_eq!(entries(home.path()), [SNAPSHOT_PART]);
    driver.check_setup().await.expect("set up again");
    assert!(entries(home.path()).is_empty());
}

#[tokio::test]
async fn what_another_process_is_making_is_left_alone() {
    let (driver, home) = driver().await;
    let part = home.path().join(REAL_PART);
    let theirs = fs::File::create(&part).expect("made");
    flock(theirs.as_fd(), FlockOperation::LockExclusive).expect("locked");
    driver.check_setup().await.expect("set up again");
    assert_eq!(entries(home.path()), [REAL_PART]);
    let made = driver.ensure_volume(volume(REAL)).await.expect_err("in the making");
    let destroyed = driver.destroy_volume(volume(REAL)).await.expect_err("in the making");
    assert_eq!((made.kind, destroyed.kind), (FailureKind::Busy, FailureKind::Busy));
    drop(theirs);
    driver.ensure_volume(volume(REAL)).await.expect("made after they died");
    assert_eq!(entries(home.path()), [REAL]);
}

#[tokio::test]
async fn a_draft_linked_under_its_final_name_is_not_harmed_by_what_follows() {
    // Where files cannot be renamed without replacing, a crash may leave both names on one file.
    let (driver, home) = driver().await;
    fs::write(home.path().join(REAL), b"finished").expect("written");
    fs::hard_link(home.path().join(REAL), home.path().join(REAL_PART)).expect("linked");
    driver.check_setup().await.expect("set up again");
    assert_eq!(entries(home.path()), [REAL]);
    assert_eq!(fs::read(home.path().join(REAL)).expect("there"), b"finished");
}

#[tokio::test]
async fn what_an_operator_copies_here_survives_a_start_however_it_is_called() {
    let (driver, home) = driver().await;
    let id = REAL.trim_start_matches("volume-");
    let theirs = [
        "snapshot-today.part".to_owned(),
        format!("volume-{}.part", id.replace('-', "")),
        format!("volume-{}.part", id.to_uppercase()),
        "volume-db01.part".to_owned(),
    ];
    for name in &theirs {
        fs::write(home.path().join(name), b"so far").expect("written");
    }
    fs::write(home.path().join(REAL_PART), b"ours").expect("written");
    driver.check_setup().await.expect("set up again");
    let mut left = entries(home.path());
    left.sort_unstable();
    let mut wanted = theirs.to_vec();
    wanted.sort_unstable();
    assert_eq!(left, wanted);
}

#[tokio::test]
async fn files_of_others_are_neither_listed_nor_touched() {
    let (driver, home) = driver().await;
    let foreign = ["lost+found", "notes.part", "volume-1.bak", "volumes"];
    for name in foreign {
        fs::write(home.path().join(name), b"theirs").expect("written");
    }
    symlink("/nowhere", home.path().join("volume-2")).expect("linked");
    driver.check_setup().await.expect("set up again");
    assert!(driver.list().await.expect("listed").is_empty());
    assert_eq!(entries(home.path()).len(), foreign.len() + 1);
    let error = driver.ensure_size(volume("volume-2"), Gib(2)).await.expect_err("a symbolic link");
    assert_eq!(error.kind, FailureKind::Broken);
}

#[tokio::test]
async fn two_drivers_on_one_directory_make_one_volume() {
    let (driver, home) = driver().await;
    let other = FileDriver::new(FileSettings::new(home.path(), "files"));
    for round in 0..50 {
        let name = format!("volume-{round}");
        let answers =
            tokio::join!(driver.ensure_volume(volume(&name)), other.ensure_volume(volume(&name)));
        for error in [answers.0.err(), answers.1.err()].into_iter().flatten() {
            assert_eq!(error.kind, FailureKind::Busy, "{error}");
        }
        driver.ensure_volume(volume(&name)).await.expect("made");
    }
    assert_eq!(entries(home.path()).len(), 50);
}

#[tokio::test]
async fn a_directory_that_is_gone_is_unavailable_until_it_is_set_up_again() {
    let (driver, home) = driver().await;
    fs::remove_dir(home.path()).expect("removed");
    let error = driver.ensure_volume(volume(NAME)).await.expect_err("no directory");
    assert!(error.kind == FailureKind::Unavailable && error.is_retryable(), "{error}");
    driver.check_setup().await.expect("made anew");
    driver.ensure_volume(volume(NAME)).await.expect("made");
}

#[tokio::test]
async fn a_directory_that_is_a_file_is_refused_at_set_up() {
    let home = TempDir::new().expect("a directory for the test");
    let path = home.path().join("file");
    fs::write(&path, b"").expect("written");
    let driver = FileDriver::new(FileSettings::new(path, "files"));
    driver.check_setup().await.expect_err("not a directory");
}

#[tokio::test]
async fn what_is_wrong_with_the_directory_is_said_with_its_path() {
    let home = TempDir::new().expect("a directory for the test");
    let blocked = home.path().join("file");
    fs::write(&blocked, b"").expect("written");
    let below = blocked.join("volumes");
    let driver = FileDriver::new(FileSettings::new(&below, "files"));
    let path = below.to_str().expect("a temporary path is text");
    let made = driver.check_setup().await.expect_err("it cannot be made");
    assert!(made.message.contains(path), "{made}");
    let opened = driver.stats().await.expect_err("it is not there");
    assert!(opened.message.contains(path), "{opened}");
}

#[tokio::test]
async fn a_directory_serves_one_driver_at_a_time() {
    let (driver, home) = driver().await;
    driver.check_setup().await.expect("set up again: the lock is its own");
    let other = FileDriver::new(FileSettings::new(home.path(), "files"));
    let refused = other.check_setup().await.expect_err("the first one has it");
    assert_eq!(refused.kind, FailureKind::Busy);
    let expected = format!(
        "directory {} is in use by another ashlar process or backend",
        home.path().display()
    );
    assert_eq!(refused.message, expected);
    other.list().await.expect("looking needs no lock");
    drop(driver);
    other.check_setup().await.expect("it is free now");
}

#[tokio::test]
async fn it_holds_something_as_soon_as_one_file_is_ours() {
    let (driver, home) = driver().await;
    fs::write(home.path().join("lost+found"), b"").expect("written");
    symlink("/nowhere", home.path().join("volume-2")).expect("linked");
    assert_eq!(driver.holds_anything().await.expect("looked"), Some(false));
    driver.ensure_volume(volume(NAME)).await.expect("made");
    assert_eq!(driver.holds_anything().await.expect("looked"), Some(true));
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_still_ends() {
    let (driver, home) = driver().await;
    {
        let mut call = driver.ensure_volume(volume(NAME));
        assert!(futures::poll!(&mut call).is_pending(), "it runs as a task of its own");
    }
    driver.ensure_volume(volume(NAME)).await.expect("waits its turn");
    assert_eq!(entries(home.path()), [NAME]);
}

#[tokio::test]
async fn a_file_longer_than_the_tables_say_is_copied_to_the_size_they_say() {
    // An extend whose flow was reverted leaves the file longer than the row.
    let (driver, home) = driver().await;
    driver.ensure_volume(volume(NAME)).await.expect("made");
    driver.ensure_size(volume(NAME), Gib(3)).await.expect("extended");
    driver.ensure_clone(volume("volume-2"), volume(NAME)).await.expect("cloned");
    assert_eq!(fs::metadata(home.path().join("volume-2")).expect("there").len(), 1 << 30);
}

#[tokio::test]
async fn stats_come_from_the_file_system_and_the_settings() {
    let home = TempDir::new().expect("a directory for the test");
    let mut settings = FileSettings::new(home.path(), "gold");
    settings.reserved_percentage = 7;
    settings.capabilities.insert("goodness_function".to_owned(), "50".into());
    let driver = FileDriver::new(settings);
    let stats = driver.stats().await.expect("the directory is there");
    let [pool] = stats.as_slice() else { panic!("one pool, not {stats:?}") };
    let (Capacity::Gib(total), Capacity::Gib(free)) = (pool.total, pool.free) else {
        panic!("numbers, not {pool:?}")
    };
    assert!(total > 0.0 && free < total);
    assert_eq!((pool.pool_name.as_str(), pool.reserved_percentage), ("gold", 7));
    assert!(pool.thin && !pool.thick);
    assert_eq!(pool.capabilities["goodness_function"], "50");
}

#[tokio::test]
async fn what_lies_under_the_path_by_now_is_what_counts() {
    let home = TempDir::new().expect("a directory for the test");
    let (place, aside) = (home.path().join("volumes"), home.path().join("aside"));
    let driver = FileDriver::new(FileSettings::new(&place, "files"));
    driver.check_setup().await.expect("set up");
    driver.ensure_volume(volume(NAME)).await.expect("made");

    fs::rename(&place, &aside).expect("moved away");
    let gone = driver.destroy_volume(volume(NAME)).await.expect_err("nothing can be said of it");
    assert_eq!(gone.kind, FailureKind::Unavailable);
    assert!(driver.stats().await.is_err());
    assert_eq!(entries(&aside), [NAME]);

    fs::create_dir(&place).expect("made again");
    driver.ensure_volume(volume("volume-2")).await.expect("made");
    assert_eq!(
        (entries(&place), entries(&aside)),
        (vec!["volume-2".to_owned()], vec![NAME.to_owned()])
    );

    fs::remove_dir_all(&place).expect("removed");
    fs::rename(&aside, &place).expect("moved back");
    driver.destroy_volume(volume(NAME)).await.expect("removed");
    assert_eq!(entries(&place), [""; 0]);
}

/// Content that comes once all others are being made too, by a thread that may block.
struct Together(Arc<tokio::sync::Barrier>);

impl crate::driver::Fill for Together {
    fn fill(
        &self,
        target: crate::driver::Target,
    ) -> BoxFuture<'_, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        async move {
            self.0.wait().await;
            tokio::task::spawn_blocking(move || target.file.write_all_at(b"content", 0)).await??;
            Ok(())
        }
        .boxed()
    }
}

#[test]
fn fillings_do_not_use_up_the_threads_that_they_need() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .max_blocking_threads(2)
        .enable_all()
        .build()
        .expect("threads");
    runtime.block_on(async {
        let (driver, home) = driver().await;
        let barrier = Arc::new(tokio::sync::Barrier::new(4));
        let fills = (0..4).map(|n| {
            let (driver, barrier) = (driver.clone(), Arc::clone(&barrier));
            async move {
                let fill = Arc::new(Together(barrier));
                let content = Content { key: format!("image-{n}"), fill };
                driver.ensure_filled_volume(volume(&format!("volume-{n}")), content).await
            }
        });
        let all = futures::future::join_all(fills);
        let made = tokio::time::timeout(std::time::Duration::from_secs(60), all).await;
        for made in made.expect("they do not wait for each other") {
            made.expect("filled");
        }
        assert_eq!(entries(home.path()).iter().filter(|it| it.starts_with("volume-")).count(), 4);
    });
}

#[test]
fn only_exports_in_another_programs_memory_can_vanish() {
    let driver = |export| FileDriver::new(FileSettings { export, ..FileSettings::new("v", "f") });
    assert!(!driver(ExportSettings::default()).exports_can_vanish());
    let tgt = crate::export::TgtSettings::new("127.0.0.1");
    assert!(driver(ExportSettings::Tgt(tgt)).exports_can_vanish());
}
