//! Volumes from images and images from volumes, beside a stand-in for Glance: what comes out, byte for byte, and what is
//! left of what goes wrong.

mod cached;
mod download;
mod hostile;
mod killed;
mod looked_up;
mod reimage;
mod taken_along;
mod upload;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ashlar_drivers::Driver;
use ashlar_drivers::file::{FileDriver, FileSettings};
use ashlar_drivers::sim::Sim;
use ashlar_testkit::glance::FakeGlance;
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan, cloud};
use serde_json::{Value, json};
use tempfile::TempDir;

const MIB: usize = 1 << 20;

/// A cloud beside a Glance.
pub(crate) struct Stage {
    cloud: Cloud,
    glance: FakeGlance,
    client: Client,
    /// Holds `volumes`, when there is a `file` backend, and `conversion`.
    directory: TempDir,
}

impl Stage {
    /// With a `file` backend.
    async fn with_files() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let driver = FileDriver::new(FileSettings::new(directory.path().join("volumes"), "files"));
        let driver: Arc<dyn Driver> = Arc::new(driver);
        let plan = Plan::with_backends(vec![("files".to_owned(), driver)]);
        Self::planned(directory, plan).await
    }

    /// With a simulated backend.
    async fn with_sim(sim: &Sim) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        Self::planned(directory, Plan::with_sim(sim)).await
    }

    async fn planned(directory: TempDir, mut plan: Plan) -> Self {
        let glance = FakeGlance::start().await;
        plan.images = Some(glance.images(&directory.path().join("conversion")));
        let plan = plan.limits(&[("volumes", -1), ("gigabytes", -1)]);
        let cloud = Cloud::planned(plan).await;
        let client = cloud.member();
        Self { cloud, glance, client, directory }
    }

    /// A volume of 1 GiB from the image, waited for; it may say `error`.
    async fn made(&self, image: &str) -> Value {
        let asked = self.client.create_volume(json!({ "size": 1, "imageRef": image })).await;
        let id = id_of(&asked);
        self.client.settled("volumes", &id).await.expect("it is there")
    }

    fn volume_file(&self, volume: &Value) -> PathBuf {
        self.directory.path().join("volumes").join(format!("volume-{}", id_of(volume)))
    }

    /// The first bytes of a volume of the `file` backend.
    fn bytes(&self, volume: &Value, count: usize) -> Vec<u8> {
        head(&self.volume_file(volume), count)
    }

    /// The event of the last message to the project.
    async fn told(&self) -> Value {
        let listed = self.client.get("/messages").await.expect(200);
        listed.body["messages"][0]["event_id"].clone()
    }

    /// Nothing is under way, stuck, leaked or miscounted, and no image lies where it was converted.
    async fn check(&self) {
        self.cloud.check().await;
        let conversion = self.directory.path().join("conversion");
        let left = std::fs::read_dir(conversion).map_or(0, |files| files.count());
        assert_eq!(left, 0, "files are left where images are converted");
    }

    /// A volume that failed says `error`, lives nowhere, and can be deleted.
    async fn failed_cleanly(&self, volume: &Value, event: &str) {
        assert_eq!(volume["status"], "error", "{volume}");
        assert_eq!(volume["bootable"], "false");
        assert!(volume.get("volume_image_metadata").is_none(), "{volume}");
        assert_eq!(self.told().await, event);
        self.check().await;
        let id = id_of(volume);
        let _ = self.client.delete(&format!("/volumes/{id}")).await.expect(202);
        self.client.wait_gone("volumes", &id).await;
        self.check().await;
    }
}

/// The first bytes of a file.
fn head(path: &Path, count: usize) -> Vec<u8> {
    use std::io::Read as _;
    let file = std::fs::File::open(path).expect("the file is there");
    let mut bytes = Vec::new();
    file.take(count as u64).read_to_end(&mut bytes).expect("it can be read");
    bytes
}

/// Bytes that look like nothing, the same for the same seed, with a hole of zeros in the midst.
fn disk(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes: Vec<u8> = (0..size)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
        .collect();
    bytes[size / 4..size / 2].fill(0);
    bytes
}

/// The disk as an image of this format, by qemu-img's name for it.
fn image_of(disk: &[u8], format: &str) -> Vec<u8> {
    let directory = tempfile::tempdir().expect("a directory");
    let (raw, made) = (directory.path().join("raw"), directory.path().join("made"));
    std::fs::write(&raw, disk).expect("it can be written");
    qemu_img(&["convert", "-f", "raw", "-O", format], &[&raw, &made]);
    std::fs::read(made).expect("it can be read")
}

/// Runs `qemu-img`, which a developer's machine has.
fn qemu_img(words: &[&str], paths: &[&Path]) {
    let done = std::process::Command::new("qemu-img").args(words).args(paths).output();
    let done = done.expect("qemu-img is installed");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// A simulated backend.
fn sim() -> Sim {
    cloud::sim()
}
