//! The same by hand: `qemu-img convert` and `cp --reflink`, each made durable, as ours is.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::pictures::Picture;
use super::place::Place;
use super::run_tool;

/// How long `qemu-img convert` takes to make a raw file of the picture.
pub(super) fn convert(picture: &Picture, place: &Place) -> Result<Duration> {
    let to = place.path().join("by-hand.raw");
    let start = Instant::now();
    converted(picture, &to)?;
    let took = start.elapsed();
    fs::remove_file(&to)?;
    Ok(took)
}

/// How long one conversion and `count` - 1 copies of it take.
pub(super) fn convert_and_copy(picture: &Picture, place: &Place, count: usize) -> Result<Duration> {
    let directory = place.path().join("by-hand");
    fs::create_dir_all(&directory)?;
    let first = directory.join("0.raw");
    let start = Instant::now();
    converted(picture, &first)?;
    for number in 1..count {
        let to = directory.join(format!("{number}.raw"));
        let how = ["--reflink=auto", "--sparse=auto"].map(OsStr::new);
        run_tool("cp", &[how[0], how[1], first.as_os_str(), to.as_os_str()])?;
        File::open(&to)?.sync_all()?;
    }
    let took = start.elapsed();
    fs::remove_dir_all(&directory)?;
    Ok(took)
}

fn converted(picture: &Picture, to: &Path) -> Result<()> {
    let words = ["convert", "-f", picture.format, "-O", "raw"].map(OsStr::new);
    let mut arguments = words.to_vec();
    arguments.extend([picture.path.as_os_str(), to.as_os_str()]);
    run_tool("qemu-img", &arguments)?;
    Ok(File::open(to)?.sync_all()?)
}
