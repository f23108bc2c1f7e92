//! The directory of one backend, held open: files are reached by name within it and by no other path.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use ashlar_types::Gib;
use rustix::fs::{
    Access, AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags, StatVfs, accessat, flock,
    fstat, fstatvfs, fsync, openat, statat, unlinkat,
};
use rustix::io::Errno;

use super::commits::Commits;
use super::draft;
use super::fault::fault;
use crate::driver::Stored;
use crate::error::{DriverError, FailureKind};
use crate::refusal;

/// An open directory.
#[derive(Debug)]
pub(super) struct Directory {
    handle: OwnedFd,
    /// Whether this handle has the lock on it.
    locked: AtomicBool,
    /// Which of the changes made through this handle are on disk.
    pub(super) commits: Commits,
}

impl Directory {
    /// Opens it.
    pub(super) fn open(path: &Path) -> Result<Self, DriverError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        openat(CWD, path, flags, Mode::empty())
            .map(|handle| Self {
                handle,
                locked: AtomicBool::default(),
                commits: Commits::default(),
            })
            .map_err(|errno| fault(&format!("open the directory {}", path.display()), errno))
    }

    /// Makes it when it is not there, for the owner alone, so that it survives a power failure.
    pub(super) fn ensure(path: &Path) -> Result<Self, DriverError> {
        if !path.is_dir() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(
                |error| {
                    let errno = Errno::from_io_error(&error).unwrap_or(Errno::IO);
                    fault(&format!("make the directory {}", path.display()), errno)
                },
            )?;
            for parent in path.ancestors().skip(1) {
                // Not all of them may be readable to us, and those that were there need no sync.
                if let Ok(parent) = Self::open(parent) {
                    parent.sync()?;
                }
            }
        }
        let directory = Self::open(path)?;
        accessat(&directory.handle, c".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::empty())
            .map_err(|errno| fault(&format!("write to the directory {}", path.display()), errno))?;
        Ok(directory)
    }

    /// Locks it, unless this handle has done so, until the handle is closed; the kernel closes it when the
    /// process ends in whatever way. `path` is for the message.
    ///
    /// # Errors
    /// `Busy` when another handle has the lock, of another process or of another backend in this one.
    pub(super) fn lock(&self, path: &Path) -> Result<(), DriverError> {
        // On a handle that has the lock already this changes nothing.
        match flock(&self.handle, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {
                self.locked.store(true, Ordering::SeqCst);
                Ok(())
            }
            Err(Errno::WOULDBLOCK) => Err(DriverError::new(
                FailureKind::Busy,
                format!(
                    "directory {} is in use by another ashlar process or backend",
                    path.display()
                ),
            )),
            Err(errno) => Err(fault(&format!("lock the directory {}", path.display()), errno)),
        }
    }

    /// Whether this handle has the lock.
    pub(super) fn is_locked(&self) -> bool {
        self.locked.load(Ordering::SeqCst)
    }

    /// Whether there is at least one file of ours; stops at the first.
    pub(super) fn holds_anything(&self) -> Result<bool, DriverError> {
        let broken = |errno| fault("list the directory of the backend", errno);
        for entry in Dir::read_from(&self.handle).map_err(broken)? {
            let entry = entry.map_err(broken)?;
            let name = entry.file_name().to_str().unwrap_or_default();
            // Some file systems do not say what an entry is.
            let may_be_file =
                matches!(entry.file_type(), FileType::RegularFile | FileType::Unknown);
            let name = draft::final_name(name).unwrap_or(name);
            if may_be_file && refusal::kind_of(name).is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether `path` still leads here.
    pub(super) fn is_at(&self, path: &Path) -> Result<bool, DriverError> {
        let broken = |errno| fault(&format!("find the directory {}", path.display()), errno);
        let there = statat(CWD, path, AtFlags::empty()).map_err(broken)?;
        let here = fstat(&self.handle).map_err(broken)?;
        Ok((there.st_dev, there.st_ino) == (here.st_dev, here.st_ino))
    }

    /// A file of that name, open for reading and writing.
    pub(super) fn file(&self, name: &str) -> Result<Option<OwnedFd>, DriverError> {
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(&self.handle, name, flags, Mode::empty()) {
            Ok(file) => Ok(Some(file)),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(fault(&format!("open {name}"), errno)),
        }
    }

    /// Removes the file of that name and what is half-made under it.
    pub(super) fn destroy(&self, name: &str) -> Result<(), DriverError> {
        draft::destroy(self.as_fd(), name)?;
        match unlinkat(&self.handle, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(fault(&format!("remove {name}"), errno)),
        }
    }

    /// Makes what was created, renamed and removed in it survive a power failure.
    pub(super) fn sync(&self) -> Result<(), DriverError> {
        fsync(&self.handle).map_err(|errno| fault("sync the directory of the backend", errno))
    }

    /// Sizes of the file system behind it.
    pub(super) fn capacity(&self) -> Result<StatVfs, DriverError> {
        fstatvfs(&self.handle).map_err(|errno| fault("measure the file system", errno))
    }

    /// Ours among its files, in order of name.
    pub(super) fn list(&self, pool: &str) -> Result<Vec<Stored>, DriverError> {
        let mut found = Vec::new();
        for file_name in self.names()? {
            let final_name = draft::final_name(&file_name);
            let Some(kind) = refusal::kind_of(final_name.unwrap_or(&file_name)) else { continue };
            let stat = match statat(&self.handle, file_name.as_str(), AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                // Removed or renamed since.
                Err(Errno::NOENT) => continue,
                Err(errno) => return Err(fault(&format!("look at {file_name}"), errno)),
            };
            if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile {
                found.push(Stored {
                    name: final_name.unwrap_or(&file_name).to_owned(),
                    pool: pool.to_owned(),
                    size: Gib(u64::try_from(stat.st_size).unwrap_or(0).div_ceil(1 << 30)),
                    kind,
                    complete: final_name.is_none(),
                });
            }
        }
        found.sort_by(|a, b| (&a.name, a.complete).cmp(&(&b.name, b.complete)));
        Ok(found)
    }

    /// Removes what an earlier run left half-made; leaves alone what somebody is still making, and what has no name
    /// that we give: an operator may be copying it here, to be managed.
    pub(super) fn sweep(&self) -> Result<usize, DriverError> {
        let mut removed = 0;
        for file_name in self.names()? {
            if let Some(name) = draft::final_name(&file_name)
                && refusal::is_given_by_us(name)
                && draft::is_destroyed_if_stale(self.as_fd(), name)?
            {
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Names of all its entries that are text; ours always are.
    pub(super) fn names(&self) -> Result<Vec<String>, DriverError> {
        let broken = |errno| fault("list the directory of the backend", errno);
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.handle).map_err(broken)? {
            if let Ok(name) = entry.map_err(broken)?.file_name().to_str() {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }
}

impl AsFd for Directory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }
}

/// The length of an open file, in bytes.
pub(super) fn length(file: BorrowedFd<'_>) -> Result<u64, Errno> {
    fstat(file).map(|stat| u64::try_from(stat.st_size).unwrap_or(0))
}
