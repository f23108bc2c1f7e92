//! Runs `qemu-img` on an image within bounds on memory, CPU time, wall time and output.
//!
//! The program gets open files and no names, an empty environment, and the format in so many words, so that it guesses
//! nothing. It runs under `prlimit`, and is killed when the caller gives up.

mod arguments;
mod error;
mod offspring;
mod opinion;
mod process;
mod progress;

use std::fs::File;
use std::time::Duration;

use crate::{Format, Inspected};
use process::Run;

pub use error::{ConvertError, Kind};

/// What one run of `qemu-img` may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Address space, in bytes.
    pub memory: u64,
    /// CPU time of all its threads, in whole seconds; what is below a second counts as one.
    pub cpu: Duration,
    /// Time on the clock.
    pub wall: Duration,
    /// The largest file it may write, in bytes.
    pub output: u64,
}

/// Asks `qemu-img info` what it takes `source` for, as Cinder does. Comes after [`crate::inspect`] and before [`to_raw`]:
/// two readers that see different things in one image are reason enough not to go on.
///
/// # Errors
/// `Malformed` when it sees another format or size, a backing file, a data file or encryption.
pub async fn ensure_agreed(
    source: &File,
    image: Inspected,
    limits: &Limits,
) -> Result<(), ConvertError> {
    let words = arguments::info(image, source)
        .map_err(|error| ConvertError::caused(Kind::Failed, error))?;
    let answer = Run { input: source, output: None, words, to_read: 0 }.run(limits, |_| ()).await?;
    opinion::ensure_agrees(image, &answer)
}

/// Writes the disk in the image `source` into `target`, a file or block device that reads as zeros: what is zero in the
/// image is not written. A file that is shorter than the disk grows to its size. Nothing is flushed.
///
/// `progress` is told from time to time what part of the image was read, from 0 to 1.
///
/// # Errors
/// [`ConvertError`], whose text is for users; what `qemu-img` said goes to the log.
pub async fn to_raw(
    source: &File,
    image: Inspected,
    target: &File,
    limits: &Limits,
    progress: impl Fn(f32) + Send + Sync,
) -> Result<(), ConvertError> {
    let failed = |error| ConvertError::caused(Kind::Failed, error);
    let kind = target.metadata().map_err(failed)?;
    if kind.is_file() && kind.len() < image.virtual_size {
        if image.virtual_size > limits.output {
            return Err(ConvertError::new(Kind::TooBig));
        }
        target.set_len(image.virtual_size).map_err(failed)?;
    }
    let words = arguments::to_raw(image, source, target).map_err(failed)?;
    let to_read = progress::allocated(source);
    Run { input: source, output: Some(target), words, to_read }.run(limits, progress).await?;
    Ok(())
}

/// What an image is to be made like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Its format.
    pub format: Format,
    /// Whether its content is compressed: qcow2 only, and slow. Cinder does so unless told otherwise.
    pub compress: bool,
}

impl From<Format> for Shape {
    fn from(format: Format) -> Self {
        Self { format, compress: false }
    }
}

/// Writes the disk of `length` bytes in `source` as an image into the file `target`, which is emptied first. Nothing is
/// flushed.
///
/// # Errors
/// [`ConvertError`], whose text is for users; what `qemu-img` said goes to the log.
pub async fn from_raw(
    source: &File,
    length: u64,
    target: &File,
    shape: impl Into<Shape>,
    limits: &Limits,
    progress: impl Fn(f32) + Send + Sync,
) -> Result<(), ConvertError> {
    let words = arguments::from_raw(source, length, shape.into())
        .map_err(|error| ConvertError::caused(Kind::Failed, error))?;
    let to_read = progress::allocated(source).min(length);
    Run { input: source, output: Some(target), words, to_read }.run(limits, progress).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
