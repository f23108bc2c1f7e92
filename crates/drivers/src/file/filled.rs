//! Volumes that are filled from outside, new ones and such as are there. The content goes straight into the file that
//! becomes the volume.
//!
//! Where the file system shares blocks, a nameless copy of the first volume stays for a while and serves all who want
//! the same content; elsewhere the first one waits until those who came meanwhile have copied it. Nothing has a name
//! but half-made volumes, so a crash leaves nothing that is not swept already.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::{Mode, OFlags, ftruncate, ioctl_ficlone, openat};
use rustix::io::{Errno, retry_on_intr};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::copy::copy;
use super::directory::Directory;
use super::draft::Draft;
use super::fault::fault;
use super::order::Order;
use super::{Shared, joined};
use crate::driver::{Content, Fill, Target};
use crate::error::{DriverError, FailureKind, FillError};
use crate::filling::{self, Join, Lead};

/// Makes the volume of `order`, filled with `content`, and waits until it is on disk.
pub(super) async fn ensure(
    shared: Arc<Shared>,
    order: Order,
    content: Content,
) -> Result<(), FillError> {
    filling::check_key(&content.key)?;
    let _turn = shared.turns.take(&order.name).await;
    if order.replaces {
        // A host would go on in the file that is no longer the volume.
        shared.end_export(&order.name).await?;
    }
    let asked = order.clone();
    let (directory, to_be_made) = shared
        .on_directory(move |directory| Ok((Arc::clone(directory), asked.is_to_be_made(directory)?)))
        .await?;
    if to_be_made {
        let key = format!("{}-{}", content.key, order.length);
        match shared.fillings.join(&key) {
            Join::Lead(lead) => fill(Arc::clone(&directory), order, content.fill, lead).await?,
            Join::Follow(mut follower) => {
                let original = follower.original().await?;
                let directory = Arc::clone(&directory);
                let copied =
                    tokio::task::spawn_blocking(move || copied(&directory, &order, &original));
                joined(copied.await)?;
            }
        }
    }
    // Also when nothing was to be done: an attempt that was cut short may not have come this far.
    Ok(directory.commits.commit(&directory).await?)
}

/// The first: fills, and lets the others have it. Keeps a thread of its own, since it may take as long as a download:
/// if it came out of the bounded number that others wait for as well, as many fillings at once would take them all, and
/// then wait for one themselves.
async fn fill(
    directory: Arc<Directory>,
    order: Order,
    fill: Arc<dyn Fill>,
    lead: Lead<OwnedFd>,
) -> Result<(), FillError> {
    let runtime = Handle::current();
    let (tell, told) = oneshot::channel();
    let span = tracing::Span::current();
    let work = move || {
        let _inside = (runtime.enter(), span.enter());
        // Nobody hears it when the runtime ends meanwhile.
        let _ = tell.send(lead_filling(&directory, &order, &*fill, lead));
    };
    std::thread::Builder::new()
        .name("filling".to_owned())
        .spawn(work)
        .map_err(|error| broken("a volume", &error))?;
    told.await.unwrap_or_else(|error| {
        // It panicked; the others have heard it from `lead`.
        let message = "the filling did not end in order";
        Err(DriverError::caused(FailureKind::Broken, message, error).into())
    })
}

/// Fills, within a runtime and where it may block.
fn lead_filling(
    directory: &Directory,
    order: &Order,
    fill: &dyn Fill,
    lead: Lead<OwnedFd>,
) -> Result<(), FillError> {
    let name = order.name.as_str();
    let (draft, original) = match begun(directory, order, fill) {
        Ok(filled) => filled,
        Err(error) => {
            lead.fail(error.clone());
            return Err(error);
        }
    };
    match original {
        Some(original) => lead.keep(original),
        None => {
            let file = draft.file().try_clone_to_owned();
            let file = file.map_err(|error| broken(name, &error))?;
            Handle::current().block_on(lead.share(file));
        }
    }
    Ok(order.finish(draft)?)
}

/// The filled file, not yet under its name, and a nameless copy of it that shares its blocks where that can be.
fn begun<'a>(
    directory: &'a Directory,
    order: &'a Order,
    fill: &dyn Fill,
) -> Result<(Draft<'a>, Option<OwnedFd>), FillError> {
    let name = order.name.as_str();
    let draft = Draft::begin(directory.as_fd(), name)?;
    let sized = |draft: &Draft<'_>| {
        ftruncate(draft.file(), order.length).map_err(|errno| fault(&format!("fill {name}"), errno))
    };
    sized(&draft)?;
    let file = draft.file().try_clone_to_owned().map_err(|error| broken(name, &error))?;
    let target = Target { file: File::from(file), length: order.length };
    Handle::current()
        .block_on(fill.fill(target))
        .map_err(|error| FillError::Content(Arc::from(error)))?;
    // Whoever filled may have made it shorter or longer.
    sized(&draft)?;
    let original = nameless_copy(directory.as_fd(), draft.file());
    Ok((draft, original))
}

/// A file without a name that shares the blocks of `file`; none where the file system cannot do that.
fn nameless_copy(directory: BorrowedFd<'_>, file: BorrowedFd<'_>) -> Option<OwnedFd> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let copy = openat(directory, c".", flags, Mode::RUSR | Mode::WUSR).ok()?;
    retry_on_intr(|| ioctl_ficlone(&copy, file)).ok()?;
    Some(copy)
}

/// One of the others: copies what was filled.
fn copied(directory: &Directory, order: &Order, original: &OwnedFd) -> Result<(), DriverError> {
    let name = order.name.as_str();
    let draft = Draft::begin(directory.as_fd(), name)?;
    let how = copy(original.as_fd(), draft.file(), order.length)
        .map_err(|errno| fault(&format!("fill {name}"), errno))?;
    tracing::debug!(name, ?how, "copied what another volume was filled with");
    order.finish(draft)
}

fn broken(name: &str, error: &std::io::Error) -> DriverError {
    fault(&format!("fill {name}"), Errno::from_io_error(error).unwrap_or(Errno::IO))
}
