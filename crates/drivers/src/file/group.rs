//! Snapshots of several volumes that belong together: all or none, and of one moment where that can be had.
//!
//! Nothing is frozen for it. What offers volumes to hosts cannot hold writes back: tgtd's state `offline` keeps new
//! sessions out and lets the existing ones write on, and a logical unit that is put offline, or a session that is cut,
//! answers hosts with errors. So the copies are taken while hosts may write, and then it is looked whether one did:
//!
//! 1. The drafts are made, empty. Their times are those of the file system's clock, now.
//! 2. The times of the volumes' last writes are read. Where one is not older than the drafts, nothing can be said, since
//!    a second write in the same tick of that clock would leave no trace.
//! 3. The copies are taken, one after the other. Where blocks are shared that takes no longer than the list of the
//!    file's extents is long, and waits for writes that have begun.
//! 4. The times are read again. If they are the same, no write began between 2 and 4: the copies hold the same writes as
//!    if all had been taken at once.
//!
//! Otherwise the drafts are dropped and it begins anew. A moment between two writes is enough.

use std::collections::BTreeSet;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{fstat, fstatfs};
use rustix::io::Errno;

use super::copy::{Copied, copy};
use super::directory::Directory;
use super::draft::Draft;
use super::fault::fault;
use super::order::{Order, not_found};
use super::shared::Shared;
use super::turns::Turns;
use crate::driver::{Answer, Made, Moment, SnapshotRef};
use crate::error::{DriverError, FailureKind};

/// How often it is begun anew while hosts write.
const TRIES: usize = 40;
/// The pause before that: more than one tick of a file system's clock.
const PAUSE: Duration = Duration::from_millis(11);

/// File systems known to record each write's time at once, on this machine: ext4, XFS, btrfs, bcachefs, tmpfs,
/// overlays. Of others (NFS, CIFS, FUSE) an unchanged time says nothing.
const KNOWN: [u64; 6] = [0xef53, 0x5846_5342, 0x9123_683e, 0xca45_1a4e, 0x0102_1994, 0x794c_7630];

/// When a file was last written, in seconds and nanoseconds.
type Written = (i64, i64);

/// What one attempt came to.
enum Attempt {
    /// All are there, under their names.
    Done,
    /// Somebody wrote in between, or it cannot be told; nothing is left of the attempt. Whether the next one costs
    /// little.
    Restless { cheap: bool },
}

/// Takes the snapshots, or makes sure that all are there.
pub(super) fn ensure<'a>(
    shared: &'a Arc<Shared>,
    snapshots: &'a [SnapshotRef<'a>],
    moment: Moment,
) -> Answer<'a, Vec<Made>> {
    let orders: Result<Vec<Order>, DriverError> =
        snapshots.iter().copied().map(Order::snapshot).collect();
    let shared = Arc::clone(shared);
    super::to_the_end(async move {
        let orders = orders?;
        let made = orders.iter().map(|order| shared.made(&order.name)).collect();
        take_all(shared, orders, moment).await?;
        Ok(made)
    })
}

async fn take_all(
    shared: Arc<Shared>,
    orders: Vec<Order>,
    moment: Moment,
) -> Result<(), DriverError> {
    let names: BTreeSet<String> = orders.iter().map(|order| order.name.clone()).collect();
    if names.len() != orders.len() {
        let message = "a snapshot is named twice in its group";
        return Err(DriverError::new(FailureKind::Invalid, message));
    }
    // In order of their names: two groups never wait for each other.
    let _turns = take_turns(&shared.turns, &names).await;
    let orders = Arc::new(orders);
    let mut left = TRIES;
    loop {
        left -= 1;
        match attempt(&shared, &orders, (moment, left == 0)).await? {
            Attempt::Done => return Ok(()),
            Attempt::Restless { cheap } => {
                if left == 0 || (!cheap && moment == Moment::Same) {
                    return Err(restless());
                }
                // Copying for minutes again would meet the same writes.
                left = if cheap { left } else { 1 };
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn take_turns(turns: &Turns, names: &BTreeSet<String>) -> Vec<super::turns::Turn> {
    let mut taken = Vec::with_capacity(names.len());
    for name in names {
        taken.push(turns.take(name).await);
    }
    taken
}

async fn attempt(
    shared: &Arc<Shared>,
    orders: &Arc<Vec<Order>>,
    (moment, last): (Moment, bool),
) -> Result<Attempt, DriverError> {
    let orders = Arc::clone(orders);
    let (directory, attempt) = shared
        .on_directory(move |directory| {
            let attempt = take(directory, &orders, (moment, last))?;
            Ok((Arc::clone(directory), attempt))
        })
        .await?;
    // Also when nothing was to be done: an attempt that was cut short may not have come this far.
    directory.commits.commit(&directory).await?;
    Ok(attempt)
}

/// One attempt. The last one takes what it gets, unless nothing but one moment will do. Blocking.
fn take(
    directory: &Directory,
    orders: &[Order],
    (moment, last): (Moment, bool),
) -> Result<Attempt, DriverError> {
    let mut missing = 0;
    for order in orders {
        missing += usize::from(directory.file(&order.name)?.is_none());
    }
    if missing == 0 {
        return Ok(Attempt::Done);
    }
    // Those that are there are of an attempt that died between its names: of another moment than the rest would be.
    remove(directory, orders)?;
    let mut sources = Vec::with_capacity(orders.len());
    for order in orders {
        let source = order.source.as_deref().unwrap_or_default();
        sources.push(directory.file(source)?.ok_or_else(|| not_found(source))?);
    }
    let mut drafts = Vec::with_capacity(orders.len());
    for order in orders {
        drafts.push(Draft::begin(directory.as_fd(), &order.name)?);
    }
    let before = times(&sources)?;
    let now = drafts.iter().map(|draft| written(draft.file())).collect::<Result<Vec<_>, _>>();
    let now = now.map_err(|errno| fault("look at the drafts of a group", errno))?;
    let told = tells(directory)?;
    let any = moment == Moment::Near && (last || !told);
    let mut cheap = true;
    let mut settled = told && before.iter().max() < now.iter().min();
    if !settled && !any {
        // Nothing was copied yet. A pause makes it clear, where anything does.
        return Ok(Attempt::Restless { cheap: told });
    }
    for ((order, source), draft) in orders.iter().zip(&sources).zip(&drafts) {
        let how = copy(source.as_fd(), draft.file(), order.length)
            .map_err(|errno| fault(&format!("make {}", order.name), errno))?;
        cheap &= how == Copied::Shared;
    }
    settled = settled && times(&sources)? == before;
    if !settled && !any {
        return Ok(Attempt::Restless { cheap });
    }
    if !settled {
        tracing::warn!(
            snapshots = orders.len(),
            "the volumes of a group were written to while their snapshots were taken: these are of \
             nearby moments, not of one"
        );
    }
    for draft in drafts {
        if let Err(error) = draft.finish() {
            // What has its name already would look like a part of the group.
            remove(directory, orders)?;
            return Err(error);
        }
    }
    Ok(Attempt::Done)
}

fn remove(directory: &Directory, orders: &[Order]) -> Result<(), DriverError> {
    orders.iter().try_for_each(|order| directory.destroy(&order.name))
}

/// When each of the files was last written.
fn times(files: &[OwnedFd]) -> Result<Vec<Written>, DriverError> {
    let times: Result<Vec<Written>, Errno> =
        files.iter().map(|file| written(file.as_fd())).collect();
    times.map_err(|errno| fault("look at the volumes of a group", errno))
}

fn written(file: BorrowedFd<'_>) -> Result<Written, Errno> {
    fstat(file).map(|stat| (stat.st_mtime, stat.st_mtime_nsec as i64))
}

/// Whether an unchanged time of a file says that nobody wrote.
fn tells(directory: &Directory) -> Result<bool, DriverError> {
    let stat = fstatfs(directory).map_err(|errno| fault("look at the file system", errno))?;
    // The type is signed on some machines.
    let kind = stat.f_type as u64 & 0xffff_ffff;
    Ok(KNOWN.contains(&kind))
}

fn restless() -> DriverError {
    DriverError::new(
        FailureKind::Busy,
        "the volumes of the group are written to without a pause, or where it cannot be seen: no \
         snapshots of one moment",
    )
}

#[cfg(test)]
mod tests;
