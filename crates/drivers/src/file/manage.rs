//! Files that lie in the directory already: which of them could become volumes, and giving them other names.
//!
//! Only plain files directly in the directory count, with no other name elsewhere and with at least one byte. They are
//! taken as they are, raw; what their bytes look like is judged by the caller.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use ashlar_types::Gib;
use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, RenameFlags, Stat, fchmod, fstat, fsync, linkat, openat,
    renameat_with, statat, unlinkat,
};
use rustix::io::Errno;

use super::directory::Directory;
use super::fault::fault;
use super::{FileDriver, draft, to_the_end};
use crate::driver::{Answer, Kind, Made, Reading};
use crate::error::{DriverError, FailureKind};
use crate::manage::{
    self, Manage, Manageable, Mark, Measured, Reference, Thing, invalid, not_found,
};
use crate::refusal;

/// Files that one answer may tell of. It is put in order as a whole, so all of it is in memory.
const MOST: usize = 100_000;

impl Manage for FileDriver {
    fn list_manageable(&self, kind: Kind) -> Answer<'_, Vec<Manageable>> {
        let shared = Arc::clone(&self.0);
        to_the_end(async move {
            let pool = shared.settings.pool_name.clone();
            shared.on_directory(move |directory| listed(directory, kind, &pool)).await
        })
    }

    fn measure<'a>(
        &'a self,
        reference: &'a Reference,
        pool: Option<&'a str>,
    ) -> Answer<'a, Measured> {
        let (shared, reference) = (Arc::clone(&self.0), reference.clone());
        let elsewhere = pool.is_some_and(|pool| pool != shared.settings.pool_name);
        to_the_end(async move {
            reference.check()?;
            if elsewhere {
                return Err(not_found(&reference));
            }
            let pool = shared.settings.pool_name.clone();
            shared
                .on_directory(move |directory| {
                    let (file, stat) = opened(directory, &reference)?;
                    let length = length(&stat);
                    let reading = Reading { file: File::from(file), length };
                    Ok(Measured { pool, size: gib(length), reading, mark: Some(mark(&stat)) })
                })
                .await
        })
    }

    fn ensure_managed<'a>(
        &'a self,
        thing: Thing<'a>,
        reference: &'a Reference,
    ) -> Answer<'a, Made> {
        let (checked, name) = (thing.check(), thing.name().to_owned());
        let (shared, reference) = (Arc::clone(&self.0), reference.clone());
        to_the_end(async move {
            checked?;
            reference.check()?;
            let made = shared.made(&name);
            let taken = name.clone();
            shared.change(name, move |directory| taken_over(directory, &taken, &reference)).await?;
            Ok(made)
        })
    }

    fn ensure_released<'a>(
        &'a self,
        thing: Thing<'a>,
        to: Option<&'a Reference>,
    ) -> Answer<'a, ()> {
        let (checked, name, kind) = (thing.check(), thing.name().to_owned(), thing.kind());
        let (shared, to) = (Arc::clone(&self.0), to.cloned());
        to_the_end(async move {
            checked?;
            let _turn = shared.turns.take(&name).await;
            if kind == Kind::Volume {
                // A file that is no volume of ours any more must not be under an export of ours.
                shared.end_export(&name).await?;
            }
            let Some(to) = to else { return Ok(()) };
            to.check()?;
            shared.change_in_turn(move |directory| given_back(directory, &name, &to)).await
        })
    }
}

/// The files under names of this kind.
fn listed(directory: &Directory, kind: Kind, pool: &str) -> Result<Vec<Manageable>, DriverError> {
    let mut found = Vec::new();
    for name in directory.names()? {
        if refusal::kind_of(&name).unwrap_or(Kind::Volume) != kind
            || draft::final_name(&name).is_some()
        {
            continue;
        }
        let Ok(reference) = Reference::named(&name) else { continue };
        let stat = match statat(directory.as_fd(), name.as_str(), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            // Removed or renamed since.
            Err(Errno::NOENT) => continue,
            Err(errno) => return Err(fault(&format!("look at {name}"), errno)),
        };
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            continue;
        }
        if found.len() >= MOST {
            return Err(invalid(format!("there are more than {MOST} files")));
        }
        found.push(Manageable {
            reference,
            pool: pool.to_owned(),
            size: gib(length(&stat)),
            unfit: unfit(&stat).map(str::to_owned),
            extra_info: None,
        });
    }
    Ok(found)
}

/// Why a file with this entry cannot become a volume.
fn unfit(stat: &Stat) -> Option<&'static str> {
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        Some("not a plain file")
    } else if stat.st_nlink != 1 {
        Some("the file has another name too")
    } else if length(stat) == 0 {
        Some("empty")
    } else if gib(length(stat)) > Gib::MAX {
        Some("too large")
    } else {
        None
    }
}

fn length(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

fn mark(stat: &Stat) -> Mark {
    Mark { device: stat.st_dev, inode: stat.st_ino, length: length(stat) }
}

fn gib(length: u64) -> Gib {
    Gib(length.div_ceil(1 << 30))
}

fn is_same(one: &Stat, other: &Stat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
}

/// Opens what the reference names, when it could become a volume.
fn opened(directory: &Directory, reference: &Reference) -> Result<(OwnedFd, Stat), DriverError> {
    let name = reference.source_name();
    let broken = |errno| match errno {
        Errno::NOENT => not_found(reference),
        Errno::LOOP => invalid(format!("{name:?} cannot be taken over: it is a symbolic link")),
        errno => fault(&format!("open {name:?}"), errno),
    };
    let refused = |why: &str| invalid(format!("{name:?} cannot be taken over: {why}"));
    // Looked at before it is opened: to open a device or a pipe may do something.
    let seen = statat(directory.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW).map_err(broken)?;
    unfit(&seen).map_or(Ok(()), |why| Err(refused(why)))?;
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = openat(directory.as_fd(), name, flags, Mode::empty()).map_err(broken)?;
    let stat = fstat(&file).map_err(broken)?;
    unfit(&stat).map_or(Ok(()), |why| Err(refused(why)))?;
    if !is_same(&seen, &stat) {
        return Err(refused("another file took its name at this moment"));
    }
    Ok((file, stat))
}

/// The entry of that name, if there is one.
fn entry(directory: &Directory, name: &str) -> Result<Option<Stat>, DriverError> {
    match statat(directory.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(fault(&format!("look at {name:?}"), errno)),
    }
}

/// Gives the file that the reference names our name.
fn taken_over(directory: &Directory, name: &str, reference: &Reference) -> Result<(), DriverError> {
    let old = reference.source_name();
    let broken = |errno| fault(&format!("take over {old:?}"), errno);
    if let Some(ours) = entry(directory, name)? {
        // An earlier attempt did it; where it had to link, it may have left the other name.
        return remove_double(directory, old, name, &ours);
    }
    let (file, stat) = opened(directory, reference)?;
    if reference.mark().is_some_and(|measured| measured != mark(&stat)) {
        return Err(invalid(format!("{old:?} cannot be taken over: it changed meanwhile")));
    }
    // Like every volume it is its owner's alone, and on disk before it has our name.
    fchmod(&file, Mode::RUSR | Mode::WUSR).map_err(broken)?;
    fsync(&file).map_err(broken)?;
    if !renamed(directory, old, name).map_err(|errno| match errno {
        Errno::NOENT => not_found(reference),
        errno => broken(errno),
    })? {
        return Err(invalid(format!("{name} is there already")));
    }
    let now = entry(directory, name)?;
    if !now.is_some_and(|now| is_same(&now, &stat)) {
        // Somebody exchanged the file between the look and the deed: what was not looked at is not ours.
        renamed(directory, name, old).map_err(broken)?;
        return Err(invalid(format!("{old:?} became another file while it was taken over")));
    }
    Ok(())
}

/// Gives the file its earlier name back.
fn given_back(directory: &Directory, name: &str, to: &Reference) -> Result<(), DriverError> {
    let old = to.source_name();
    let Some(ours) = entry(directory, name)? else { return Ok(()) };
    if old == name {
        return Ok(());
    }
    if entry(directory, old)?.is_some_and(|there| is_same(&there, &ours)) {
        return remove_double(directory, name, old, &ours);
    }
    let broken = |errno| fault(&format!("give {old:?} its name back"), errno);
    if renamed(directory, name, old).map_err(broken)? {
        return Ok(());
    }
    let instead = manage::given_back(name);
    if !renamed(directory, name, &instead).map_err(broken)? {
        let message = format!("{old:?} and {instead:?} are names of other files: {name} has none");
        return Err(DriverError::new(FailureKind::Busy, message));
    }
    tracing::warn!(name, old, instead, "something else has the earlier name of a file");
    Ok(())
}

/// Removes the name `left` when it leads to the same file as `kept`.
fn remove_double(
    directory: &Directory,
    left: &str,
    kept: &str,
    file: &Stat,
) -> Result<(), DriverError> {
    if left == kept || !entry(directory, left)?.is_some_and(|there| is_same(&there, file)) {
        return Ok(());
    }
    unlinkat(directory.as_fd(), left, AtFlags::empty())
        .map_err(|errno| fault(&format!("remove the second name of {kept}"), errno))
}

/// Gives a file another name, unless something has that; answers whether it got it.
fn renamed(directory: &Directory, from: &str, to: &str) -> Result<bool, Errno> {
    let here = directory.as_fd();
    match renameat_with(here, from, here, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        // NFS and some others cannot rename that way. A link never replaces anything either.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            match linkat(here, from, here, to, AtFlags::empty()) {
                Ok(()) => unlinkat(here, from, AtFlags::empty()).map(|()| true),
                Err(Errno::EXIST) => Ok(false),
                Err(errno) => Err(errno),
            }
        }
        Err(errno) => Err(errno),
    }
}

#[cfg(test)]
mod tests;
