//! The `file` driver: each volume and each snapshot is one sparse raw file in a directory.
//!
//! `<directory>/volume-<id>` and `<directory>/snapshot-<id>` are complete files, `….part` are half-made
//! ones. Snapshots and clones share blocks with their source where the file system can (XFS, btrfs) and
//! then are of one moment; elsewhere they are copied without the holes, and a volume that is written to
//! during that is not of one moment. Either way they are independent of their source. A freed block of
//! a file is never shown to another, so nothing is wiped.
//!
//! The snapshots of a group are of one moment when no host writes to any of the volumes while they are taken: a few
//! milliseconds where blocks are shared, and a pause of that length is waited for. Elsewhere, and where hosts never pause,
//! they are of nearby moments, or refused where one moment was asked for (`file/group.rs`). Nothing is ever frozen.

use std::fs::File;
use std::ops::Deref;
use std::os::fd::AsFd as _;
use std::sync::Arc;

use ashlar_types::{ConnectionInfo, Connector, Export, Gib, PoolStats};
use futures::FutureExt;
use futures::future::BoxFuture;
use tracing::Instrument;

use crate::driver::{
    Answer, Content, Driver, Kind, Made, Moment, Reading, SnapshotRef, Stored, VolumeRef,
};
use crate::error::{DriverError, FailureKind, FillError};
use crate::refusal;

mod commits;
mod copy;
mod directory;
mod draft;
mod exports;
mod fault;
mod filled;
mod group;
mod manage;
mod order;
mod replaced;
mod settings;
mod shared;
mod stats;
mod turns;

pub use settings::FileSettings;

use directory::Directory;
use order::Order;
use shared::Shared;

/// One `file` backend. Cloning it gives another handle on the same.
#[derive(Debug, Clone)]
pub struct FileDriver(Arc<Shared>);

impl FileDriver {
    /// A driver with these settings. Touches no storage yet.
    #[must_use]
    pub fn new(settings: FileSettings) -> Self {
        Self(Arc::new(Shared::new(settings)))
    }

    /// Makes what is ordered.
    fn ensure(&self, order: Result<Order, DriverError>) -> Answer<'_, Made> {
        let shared = Arc::clone(&self.0);
        to_the_end(async move {
            let order = order?;
            let made = shared.made(&order.name);
            shared.change(order.name.clone(), move |directory| order.ensure(directory)).await?;
            Ok(made)
        })
    }

    /// Removes what has that name.
    fn destroy(&self, kind: Kind, name: &str) -> Answer<'_, ()> {
        let checked = refusal::check(kind, name).map(|()| name.to_owned());
        let shared = Arc::clone(&self.0);
        to_the_end(async move {
            let name = checked?;
            let _turn = shared.turns.take(&name).await;
            if kind == Kind::Volume {
                // Usually there is none any more; a file must not go away under one.
                shared.end_export(&name).await?;
            }
            shared.change_in_turn(move |directory| directory.destroy(&name)).await
        })
    }
}

impl Driver for FileDriver {
    fn check_setup(&self) -> Answer<'_, ()> {
        let shared = Arc::clone(&self.0);
        to_the_end(async move {
            let directory = blocking(Arc::clone(&shared), Shared::set_up).await?;
            let swept = blocking(Arc::clone(&directory), Directory::sweep).await?;
            if swept > 0 {
                tracing::info!(
                    backend = shared.settings.backend_name,
                    files = swept,
                    "removed what an earlier run left half-made"
                );
            }
            shared.exporter.check().await
        })
    }

    fn holds_anything(&self) -> Answer<'_, Option<bool>> {
        let shared = Arc::clone(&self.0);
        to_the_end(async move {
            shared.on_directory(|directory| directory.holds_anything()).await.map(Some)
        })
    }

    fn stats(&self) -> Answer<'_, Vec<PoolStats>> {
        let shared = Arc::clone(&self.0);
        to_the_end(async move {
            let capacity = shared.on_directory(|directory| directory.capacity()).await?;
            Ok(vec![stats::pool(&shared.settings, &capacity)])
        })
    }

    fn ensure_volume<'a>(&'a self, volume: VolumeRef<'a>) -> Answer<'a, Made> {
        self.ensure(Order::blank(volume))
    }

    fn ensure_volume_from_snapshot<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        snapshot: SnapshotRef<'a>,
    ) -> Answer<'a, Made> {
        self.ensure(Order::copy(volume, Kind::Snapshot, snapshot.name, snapshot.size))
    }

    fn ensure_clone<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        source: VolumeRef<'a>,
    ) -> Answer<'a, Made> {
        self.ensure(Order::copy(volume, Kind::Volume, source.name, source.size))
    }

    fn ensure_filled_volume<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        content: Content,
    ) -> BoxFuture<'a, Result<Made, FillError>> {
        let order = Order::blank(volume);
        let shared = Arc::clone(&self.0);
        to_the_end(async move {
            let order = order?;
            let made = shared.made(&order.name);
            filled::ensure(shared, order, content).await?;
            Ok(made)
        })
    }

    fn ensure_reverted<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        snapshot: SnapshotRef<'a>,
    ) -> Answer<'a, ()> {
        replaced::revert(&self.0, volume, snapshot)
    }

    fn ensure_refilled<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        content: Content,
    ) -> BoxFuture<'a, Result<(), FillError>> {
        replaced::refill(&self.0, volume, content)
    }

    fn open_volume<'a>(&'a self, volume: VolumeRef<'a>) -> Answer<'a, Reading> {
        let checked = refusal::check(Kind::Volume, volume.name).map(|()| volume.name.to_owned());
        let shared = Arc::clone(&self.0);
        to_the_end(async move {
            let name = checked?;
            shared
                .on_directory(move |directory| {
                    let file = directory.file(&name)?.ok_or_else(|| order::not_found(&name))?;
                    let length = directory::length(file.as_fd())
                        .map_err(|errno| fault::fault(&format!("open {name}"), errno))?;
                    Ok(Reading { file: File::from(file), length })
                })
                .await
        })
    }

    fn ensure_export<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        kept: Option<&'a Export>,
    ) -> Answer<'a, Option<Export>> {
        exports::ensure(&self.0, volume, kept)
    }

    fn exports_can_vanish(&self) -> bool {
        self.0.exporter.can_lose()
    }

    fn destroy_export<'a>(&'a self, volume: VolumeRef<'a>) -> Answer<'a, ()> {
        exports::destroy(&self.0, volume)
    }

    fn connect<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        export: Option<&'a Export>,
        connector: &'a Connector,
    ) -> Answer<'a, ConnectionInfo> {
        exports::connect(&self.0, volume, export, connector)
    }

    fn disconnect<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        connector: Option<&'a Connector>,
    ) -> Answer<'a, ()> {
        exports::disconnect(&self.0, volume, connector)
    }

    fn ensure_size<'a>(&'a self, volume: VolumeRef<'a>, size: Gib) -> Answer<'a, ()> {
        let checked = refusal::check(Kind::Volume, volume.name).map(|()| volume.name.to_owned());
        let shared = Arc::clone(&self.0);
        to_the_end(async move {
            let name = checked?;
            let _turn = shared.turns.take(&name).await;
            shared.on_directory(move |directory| order::ensure_size(directory, &name, size)).await
        })
    }

    fn ensure_snapshot<'a>(&'a self, snapshot: SnapshotRef<'a>) -> Answer<'a, Made> {
        self.ensure(Order::snapshot(snapshot))
    }

    fn ensure_group_snapshot<'a>(
        &'a self,
        snapshots: &'a [SnapshotRef<'a>],
        moment: Moment,
    ) -> Answer<'a, Vec<Made>> {
        group::ensure(&self.0, snapshots, moment)
    }

    fn destroy_snapshot<'a>(&'a self, snapshot: SnapshotRef<'a>) -> Answer<'a, ()> {
        self.destroy(Kind::Snapshot, snapshot.name)
    }

    fn destroy_volume<'a>(&'a self, volume: VolumeRef<'a>) -> Answer<'a, ()> {
        self.destroy(Kind::Volume, volume.name)
    }

    fn list(&self) -> Answer<'_, Vec<Stored>> {
        let shared = Arc::clone(&self.0);
        to_the_end(async move {
            let pool = shared.settings.pool_name.clone();
            shared.on_directory(move |directory| directory.list(&pool)).await
        })
    }
}

/// Runs a call as a task of its own, so that it ends in order, and its turn with it, even when the
/// caller stops waiting.
fn to_the_end<T: Send + 'static, E: From<DriverError> + Send + 'static>(
    call: impl Future<Output = Result<T, E>> + Send + 'static,
) -> BoxFuture<'static, Result<T, E>> {
    async move { joined(tokio::spawn(call.in_current_span()).await) }.boxed()
}

/// Runs `work` where it may block.
async fn blocking<S, T>(
    subject: S,
    work: impl FnOnce(&S::Target) -> Result<T, DriverError> + Send + 'static,
) -> Result<T, DriverError>
where
    S: Deref + Send + 'static,
    T: Send + 'static,
{
    joined(tokio::task::spawn_blocking(move || work(&subject)).await)
}

fn joined<T, E: From<DriverError>>(
    ended: Result<Result<T, E>, tokio::task::JoinError>,
) -> Result<T, E> {
    ended.unwrap_or_else(|error| {
        // Cancelled: the process is shutting down, and the call will be repeated after it.
        let (kind, message) = if error.is_cancelled() {
            (FailureKind::Unavailable, "the driver call was cut short by a shutdown")
        } else {
            (FailureKind::Broken, "the driver call did not end in order")
        };
        Err(DriverError::caused(kind, message, error).into())
    })
}

#[cfg(test)]
mod tests;
