//! A file being made. It has a name of its own, `<name>.part`, until it is complete and on disk.
//!
//! Whoever makes it holds an exclusive lock on it, which the kernel drops when the process dies. So a
//! draft that can be locked is a leftover, and one that cannot is somebody's work: that is how leftovers
//! are told apart, also when two processes share the directory.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{
    AtFlags, FlockOperation, Mode, OFlags, RenameFlags, flock, fstat, fsync, linkat, openat,
    renameat, renameat_with, statat, unlinkat,
};
use rustix::io::Errno;

use super::fault::fault;
use crate::error::{DriverError, FailureKind};

/// Follows the name; no finished file's name can end so, since names have no dots.
const SUFFIX: &str = ".part";
/// How often a draft that somebody else removes at the same moment is begun anew.
const TRIES: usize = 16;

/// A file being made. Dropped unfinished, it is removed.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    directory: BorrowedFd<'a>,
    name: &'a str,
    part: String,
    file: OwnedFd,
    finished: bool,
}

impl<'a> Draft<'a> {
    /// Begins an empty file that is to be called `name`; removes a leftover of an earlier attempt.
    pub(super) fn begin(directory: BorrowedFd<'a>, name: &'a str) -> Result<Self, DriverError> {
        let part = part_of(name);
        let broken = |errno| fault(&format!("make {name}"), errno);
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        for _ in 0..TRIES {
            match openat(directory, part.as_str(), flags, Mode::RUSR | Mode::WUSR) {
                Ok(file) => {
                    // A sweep may take the lock, or even the file, in between: then once more.
                    if is_locked(directory, &part, file.as_fd()).map_err(broken)? {
                        return Ok(Self { directory, name, part, file, finished: false });
                    }
                }
                Err(Errno::EXIST) => destroy(directory, name)?,
                Err(errno) => return Err(broken(errno)),
            }
        }
        Err(in_the_making(name))
    }

    /// The file, to fill.
    pub(super) fn file(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// Puts the content on disk and gives the file its name, unless somebody else has finished one of
    /// that name meanwhile: a finished file is never replaced. The directory is left to be synced.
    pub(super) fn finish(mut self) -> Result<(), DriverError> {
        let broken = |errno| fault(&format!("finish {}", self.name), errno);
        fsync(&self.file).map_err(broken)?;
        let (directory, part) = (self.directory, self.part.as_str());
        match renameat_with(directory, part, directory, self.name, RenameFlags::NOREPLACE) {
            Ok(()) => self.finished = true,
            Err(Errno::EXIST) => {}
            // NFS and some others cannot rename that way. A link never replaces anything either; its
            // other name goes when this draft is dropped.
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                match linkat(directory, part, directory, self.name, AtFlags::empty()) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(errno) => return Err(broken(errno)),
                }
            }
            Err(errno) => return Err(broken(errno)),
        }
        Ok(())
    }

    /// Puts the content on disk and gives the file its name, in place of the file that has it: at once, so that there is
    /// always one of them whole. The directory is left to be synced.
    pub(super) fn replace(mut self) -> Result<(), DriverError> {
        let broken = |errno| fault(&format!("replace {}", self.name), errno);
        fsync(&self.file).map_err(broken)?;
        let (directory, part) = (self.directory, self.part.as_str());
        renameat(directory, part, directory, self.name).map_err(broken)?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        // While the lock is held nobody else touches that name. What remains here, the next attempt or
        // start removes.
        if let Err(errno) = unlinkat(self.directory, self.part.as_str(), AtFlags::empty()) {
            tracing::warn!(name = self.name, %errno, "a half-made file could not be removed");
        }
    }
}

/// The name that a draft with this file name is to have.
pub(super) fn final_name(file_name: &str) -> Option<&str> {
    file_name.strip_suffix(SUFFIX)
}

/// Removes a leftover under this name; `Busy` when it is somebody's work.
pub(super) fn destroy(directory: BorrowedFd<'_>, name: &str) -> Result<(), DriverError> {
    match remove(directory, name)? {
        Found::Nothing | Found::Leftover => Ok(()),
        Found::Work => Err(in_the_making(name)),
    }
}

/// Removes a leftover under this name and says whether there was one. Somebody's work stays.
pub(super) fn is_destroyed_if_stale(
    directory: BorrowedFd<'_>,
    name: &str,
) -> Result<bool, DriverError> {
    remove(directory, name).map(|found| found == Found::Leftover)
}

/// What there was under a draft's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    /// Removed.
    Leftover,
    /// Left alone.
    Work,
}

fn remove(directory: BorrowedFd<'_>, name: &str) -> Result<Found, DriverError> {
    let part = part_of(name);
    let broken = |errno| fault(&format!("remove what is left of {name}"), errno);
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = match openat(directory, part.as_str(), flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(Found::Nothing),
        Err(errno) => return Err(broken(errno)),
    };
    if !is_locked(directory, &part, file.as_fd()).map_err(broken)? {
        return Ok(Found::Work);
    }
    unlinkat(directory, part.as_str(), AtFlags::empty()).map_err(broken)?;
    Ok(Found::Leftover)
}

/// Locks the file; `false` when another has it, or when `part` is no longer this file.
fn is_locked(directory: BorrowedFd<'_>, part: &str, file: BorrowedFd<'_>) -> Result<bool, Errno> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Ok(false),
        Err(errno) => return Err(errno),
    }
    let ours = fstat(file)?;
    match statat(directory, part, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(there) => Ok((there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(errno),
    }
}

fn part_of(name: &str) -> String {
    format!("{name}{SUFFIX}")
}

fn in_the_making(name: &str) -> DriverError {
    DriverError::new(FailureKind::Busy, format!("{name} is being made by another process"))
}
