//! Copying one file's content into a new one: shared blocks where the file system can, else only what is not a hole.

use std::os::fd::BorrowedFd;

use rustix::fs::{SeekFrom, copy_file_range, fstat, ftruncate, ioctl_ficlone, seek};
use rustix::io::{Errno, Result, pread, pwrite, retry_on_intr};

/// The most that one `copy_file_range` is asked for.
const STRETCH: u64 = 64 << 20;
/// What is read and written at a time where the kernel does not copy by itself; also the grain in
/// which zeros are left out then.
const BLOCK: usize = 64 << 10;

/// How a copy was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Copied {
    /// The file system shares the blocks until one side writes. All at one moment.
    Shared,
    /// So many bytes were copied; the rest are holes.
    Sparse(u64),
}

/// Gives `to`, a new file, the first `length` bytes of `from`; zeros follow where `from` is shorter.
pub(super) fn copy(from: BorrowedFd<'_>, to: BorrowedFd<'_>, length: u64) -> Result<Copied> {
    match retry_on_intr(|| ioctl_ficlone(to, from)) {
        Ok(()) => {
            ftruncate(to, length)?;
            Ok(Copied::Shared)
        }
        Err(Errno::OPNOTSUPP | Errno::XDEV | Errno::INVAL | Errno::NOTTY | Errno::NOSYS) => {
            copy_sparse(from, to, length, copy_by_kernel).map(Copied::Sparse)
        }
        Err(other) => Err(other),
    }
}

/// Copies a stretch of data, from an offset to another, as far as it can; answers how far that was.
type Stretch = fn(BorrowedFd<'_>, BorrowedFd<'_>, u64, u64) -> Result<u64>;

/// Copies what is not a hole, by hand where `stretch` leaves something; answers how many bytes that was.
pub(super) fn copy_sparse(
    from: BorrowedFd<'_>,
    to: BorrowedFd<'_>,
    length: u64,
    stretch: Stretch,
) -> Result<u64> {
    ftruncate(to, length)?;
    let end = length.min(u64::try_from(fstat(from)?.st_size).unwrap_or(0));
    let (mut at, mut copied) = (0, 0);
    while let Some((start, stop)) = next_data(from, at, end)? {
        let done = stretch(from, to, start, stop)?;
        copy_by_hand(from, to, done, stop)?;
        copied += stop - start;
        at = stop;
    }
    Ok(copied)
}

/// The next stretch of data in `at..end`.
fn next_data(file: BorrowedFd<'_>, at: u64, end: u64) -> Result<Option<(u64, u64)>> {
    if at >= end {
        return Ok(None);
    }
    match seek(file, SeekFrom::Data(at)) {
        Ok(start) if start >= end => Ok(None),
        Ok(start) => Ok(Some((start, seek(file, SeekFrom::Hole(start))?.min(end)))),
        Err(Errno::NXIO) => Ok(None),
        // This file system cannot tell; zeros are still left out where the driver copies by hand.
        Err(Errno::INVAL | Errno::OPNOTSUPP | Errno::NOSYS) => Ok(Some((at, end))),
        Err(other) => Err(other),
    }
}

/// Lets the kernel copy as far as it will; answers how far that was.
fn copy_by_kernel(from: BorrowedFd<'_>, to: BorrowedFd<'_>, start: u64, stop: u64) -> Result<u64> {
    let mut at = start;
    while at < stop {
        let (mut source, mut target) = (at, at);
        let want = usize::try_from((stop - at).min(STRETCH)).unwrap_or(BLOCK);
        match copy_file_range(from, Some(&mut source), to, Some(&mut target), want) {
            Ok(0) => return Ok(at),
            Ok(done) => at += done as u64,
            Err(Errno::INTR) => {}
            Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM) => {
                return Ok(at);
            }
            Err(other) => return Err(other),
        }
    }
    Ok(at)
}

/// Reads and writes `start..stop`, leaving out blocks of zeros; stops early where the source ends.
fn copy_by_hand(from: BorrowedFd<'_>, to: BorrowedFd<'_>, start: u64, stop: u64) -> Result<()> {
    if start >= stop {
        return Ok(());
    }
    let mut buffer = vec![0_u8; BLOCK];
    let mut at = start;
    while at < stop {
        let want = usize::try_from(stop - at).unwrap_or(BLOCK).min(BLOCK);
        let got = retry_on_intr(|| pread(from, &mut buffer[..want], at))?;
        if got == 0 {
            break;
        }
        if buffer[..got].iter().any(|byte| *byte != 0) {
            write_all(to, &buffer[..got], at)?;
        }
        at += got as u64;
    }
    Ok(())
}

fn write_all(to: BorrowedFd<'_>, mut bytes: &[u8], mut at: u64) -> Result<()> {
    while !bytes.is_empty() {
        let done = retry_on_intr(|| pwrite(to, bytes, at))?;
        if done == 0 {
            return Err(Errno::IO);
        }
        bytes = &bytes[done..];
        at += done as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
