//! Measures how fast volumes are made from images, beside `qemu-img convert` and `cp --reflink` of the same files on the
//! same file system in the same run.

mod glance;
mod pictures;
mod place;
mod plain;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};

use super::own_server::OwnServer;
use super::target::Target;
use super::volumes;
use crate::{cargo, workspace};
use glance::Glance;
use pictures::{Picture, Pictures};
use place::Place;

/// What can be said to `cargo xtask bench image`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Size of the image in GiB. Half of it is data that compresses to about a half.
    #[arg(long, default_value_t = 2)]
    gib: u64,
    /// Volumes to make at once from one image.
    #[arg(long, default_value_t = 50)]
    volumes: usize,
    /// How often each is measured; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// An empty directory on the file system to measure on. Default: for root an XFS with shared blocks in a file
    /// that is mounted for the time, else the checkout's target directory.
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// Measures and prints.
pub(crate) async fn run(options: Options) -> Result<ExitCode> {
    if cfg!(debug_assertions) {
        return super::in_release();
    }
    let root = workspace::root()?;
    let binary = cargo::build_ashlar(&root, "release")?;
    let place = Place::prepare(&root, options.dir.clone(), options.gib)?;
    println!("making an image of {} GiB in three forms on {} …", options.gib, place.kind());
    let pictures = Pictures::make(&place.path().join("pictures"), options.gib)?;
    let glance = Glance::serve(&pictures)?;
    let server = OwnServer::start(&root, &binary, &configuration(&place, glance.url()))?;
    let project = uuid::Uuid::new_v4().simple().to_string();
    let target = Arc::new(Target::new(server.url(), &project, &format!("bench:{project}"))?);
    let bench = Bench { options, place, target };
    println!("{HEADER}");
    for picture in pictures.all() {
        bench.one(picture).await?;
    }
    bench.many(pictures.qcow2()).await?;
    Ok(ExitCode::SUCCESS)
}

fn configuration(place: &Place, glance: &str) -> String {
    format!(
        "[DEFAULT]\nenabled_backends = files\nuse_default_quota_class = false\nquota_volumes = -1\n\
         quota_gigabytes = -1\nglance_api_servers = {glance}\nimage_conversion_dir = {conversion}\n\n\
         [files]\nvolume_driver = file\nfile_directory = {volumes}\n",
        conversion = place.path().join("conversion").display(),
        volumes = place.path().join("volumes").display(),
    )
}

const HEADER: &str = "\
| what                        | here       | GiB/s | plain tool                        | takes      | ratio |
| --------------------------- | ---------: | ----: | --------------------------------- | ---------: | ----: |";

struct Bench {
    options: Options,
    place: Place,
    target: Arc<Target>,
}

impl Bench {
    /// One volume from an image, and the plain tool on the same file, by turns.
    async fn one(&self, picture: &Picture) -> Result<()> {
        let (mut ours, mut plain) = (Vec::new(), Vec::new());
        for round in 0..self.options.rounds.max(1) {
            plain.push(plain::convert(picture, &self.place)?);
            ours.push(self.create(&picture.id(round), 1).await?);
        }
        self.print(picture.name, median(ours), "qemu-img convert, synced", median(plain));
        Ok(())
    }

    /// Many volumes at once from one image, and what they cost by hand: one conversion, then copies that share blocks.
    async fn many(&self, picture: &Picture) -> Result<()> {
        let count = self.options.volumes;
        let (mut ours, mut plain) = (Vec::new(), Vec::new());
        for round in 0..self.options.rounds.max(1) {
            plain.push(plain::convert_and_copy(picture, &self.place, count)?);
            ours.push(self.create(&picture.id(1000 + round), count).await?);
        }
        let what = format!("{count} at once, {}", picture.name);
        let tool = format!("one conversion, {} cp --reflink", count.saturating_sub(1));
        self.print(&what, median(ours), &tool, median(plain));
        Ok(())
    }

    /// How long it takes until so many volumes are there; they are gone again afterwards.
    async fn create(&self, image: &str, count: usize) -> Result<Duration> {
        let took = volumes::from_image(&self.target, image, self.options.gib, count).await?;
        volumes::delete_all(&self.target, 1).await?;
        Ok(took)
    }

    fn print(&self, what: &str, ours: Duration, tool: &str, plain: Duration) {
        let (ours, plain) = (ours.as_secs_f64(), plain.as_secs_f64());
        let gib = pictures::gibibytes(self.options.gib);
        println!(
            "| {what:27} | {ours:8.3} s | {:5.2} | {tool:33} | {plain:8.3} s | {:5.2} |",
            gib / ours,
            ours / plain
        );
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Runs a program to its end; its words when it fails.
fn run_tool(program: &str, arguments: &[&std::ffi::OsStr]) -> Result<()> {
    let output = std::process::Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    anyhow::ensure!(
        output.status.success(),
        "{program} failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}
