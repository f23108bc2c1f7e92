//! How far a `qemu-img` is, by the bytes it has read: its own display goes to the file that it writes.

use std::convert::Infallible;
use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(500);

/// Tells `progress` what part of `to_read` bytes the process has read, again and again. Never ends; a process that
/// is gone, or that may not be looked at, tells nothing.
pub(super) async fn tell(process: Option<u32>, to_read: u64, progress: impl Fn(f32)) -> Infallible {
    let mut told = 0;
    loop {
        tokio::time::sleep(EVERY).await;
        let read = process.and_then(|process| {
            let text = std::fs::read_to_string(format!("/proc/{process}/io")).ok()?;
            text.lines().find_map(|line| line.strip_prefix("rchar: "))?.parse::<u64>().ok()
        });
        if let Some(read) = read.filter(|read| *read > told && to_read > 0) {
            told = read;
            progress((read as f64 / to_read as f64).min(1.0) as f32);
        }
    }
}

/// Bytes of the file that are to be read: holes are not.
pub(super) fn allocated(file: &File) -> u64 {
    file.metadata().map_or(0, |metadata| metadata.len().min(metadata.blocks() * 512))
}
