//! Volumes that are filled with one content share its blocks where the file system can: one filling, and room for one.
//!
//! On an XFS of its own, in a file, so that it does not matter what the tests run on. Left out, with a word, where that
//! cannot be made or mounted.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ashlar_drivers::file::{FileDriver, FileSettings};
use ashlar_drivers::{Content, Driver, Fill, Target, VolumeRef};
use ashlar_types::Gib;
use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use tempfile::TempDir;

const MIB: u64 = 1 << 20;
/// Of the content; ten copies of it would not be mistaken for one.
const LENGTH: u64 = 24 * MIB;

/// A mounted XFS. It goes away with this.
struct Xfs {
    at: PathBuf,
    _home: TempDir,
}

impl Xfs {
    fn mounted() -> Result<Self, String> {
        let home = tempfile::tempdir().expect("a directory");
        let (image, at) = (home.path().join("image"), home.path().join("mounted"));
        File::create(&image).and_then(|file| file.set_len(512 * MIB)).expect("a sparse file");
        fs::create_dir(&at).expect("a directory");
        run(Command::new("mkfs.xfs").args(["-q", "-m", "reflink=1"]).arg(&image))?;
        run(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&at))?;
        Ok(Self { at, _home: home })
    }

    /// How many bytes of it are taken.
    fn taken(&self) -> u64 {
        run(Command::new("sync").arg("--file-system").arg(&self.at)).expect("flushed");
        let output = Command::new("df")
            .args(["--block-size=1", "--output=used"])
            .arg(&self.at)
            .output()
            .expect("df runs");
        let text = String::from_utf8(output.stdout).expect("text");
        text.lines().nth(1).and_then(|line| line.trim().parse().ok()).expect("a number")
    }
}

impl Drop for Xfs {
    #[expect(clippy::print_stdout, reason = "the runner shows it to whoever asks")]
    fn drop(&mut self) {
        // The driver may keep a nameless file open for a while.
        if let Err(error) = run(Command::new("umount").arg("--lazy").arg(&self.at)) {
            println!("not unmounted: {error}");
        }
    }
}

/// Mounting is a right that not every machine gives, also where nothing else is missing.
#[expect(clippy::print_stdout, reason = "the runner shows it to whoever asks")]
fn left_out(error: &str) {
    println!("left out, as no XFS can be mounted here: {error}");
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Content that counts how often it was asked for.
struct Counting(AtomicUsize);

impl Fill for Counting {
    fn fill(
        &self,
        target: Target,
    ) -> BoxFuture<'_, Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::task::spawn_blocking(move || target.file.write_all_at(&bytes(), 0)).await??;
            Ok(())
        }
        .boxed()
    }
}

/// The content.
fn bytes() -> Vec<u8> {
    let word = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
    (0..LENGTH / 8).flat_map(word).collect()
}

fn names(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|n| format!("volume-{n:08x}-0000-4000-8000-000000000000")).collect()
}

async fn fill_all(driver: &FileDriver, names: &[String], fill: &Arc<Counting>) {
    let filled = join_all(names.iter().map(|name| {
        let fill: Arc<dyn Fill> = Arc::<Counting>::clone(fill);
        let volume = VolumeRef { name, pool: "files", size: Gib(1) };
        driver.ensure_filled_volume(volume, Content { key: "image".to_owned(), fill })
    }));
    for made in filled.await {
        made.expect("filled");
    }
}

fn start_of(path: &Path) -> Vec<u8> {
    let mut found = vec![0; usize::try_from(LENGTH + MIB).expect("small")];
    File::open(path).and_then(|file| file.read_exact_at(&mut found, 0)).expect("long enough");
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn volumes_of_one_content_share_its_blocks_and_are_independent() {
    let xfs = match Xfs::mounted() {
        Ok(xfs) => xfs,
        Err(error) => {
            left_out(&error);
            return;
        }
    };
    let driver = FileDriver::new(FileSettings::new(xfs.at.join("volumes"), "files"));
    driver.check_setup().await.expect("set up");
    let before = xfs.taken();
    let fill = Arc::new(Counting(AtomicUsize::new(0)));
    let (first, later) = (names(0..8), names(8..10));
    fill_all(&driver, &first, &fill).await;
    fill_all(&driver, &later, &fill).await;
    assert_eq!(fill.0.load(Ordering::SeqCst), 1, "filled once");

    let mut wanted = bytes();
    wanted.resize(wanted.len() + usize::try_from(MIB).expect("small"), 0);
    let paths: Vec<_> =
        first.iter().chain(&later).map(|name| xfs.at.join("volumes").join(name)).collect();
    for path in &paths {
        assert!(start_of(path) == wanted, "{}", path.display());
    }
    let taken = xfs.taken() - before;
    assert!((LENGTH..2 * LENGTH).contains(&taken), "{taken} bytes for ten volumes");

    let file = OpenOptions::new().write(true).open(&paths[0]).expect("there");
    file.write_all_at(b"changed", 0).expect("written");
    assert!(start_of(&paths[0]).starts_with(b"changed"));
    for path in &paths[1..] {
        assert!(start_of(path) == wanted, "{}", path.display());
    }
    fill_all(&driver, &names(10..11), &fill).await;
    let last = xfs.at.join("volumes").join(&names(10..11)[0]);
    assert!(start_of(&last) == wanted, "the original is nobody's volume");
    assert_eq!(fill.0.load(Ordering::SeqCst), 1, "still");
}
