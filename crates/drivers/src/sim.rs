//! The `sim` driver: a backend in memory, with any pools, a latency, and failures on demand.
//!
//! For tests and benchmarks. `Sim` is a handle: its clones share one backend, so a test can stop the
//! roles that use it, start them again, and find the volumes still there. The content ends with the
//! last handle.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ashlar_types::{Capacity, ConnectionInfo, Connector, Export, Gib, PoolStats};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use crate::driver::{
    Answer, Content, Driver, Kind, Made, Moment, Reading, SnapshotRef, Stored, VolumeRef,
};
use crate::error::{DriverError, FillError};
use crate::filling::{self, Fillings};
use crate::refusal;

mod exports;
mod failures;
mod filled;
mod group;
mod manage;
mod replaced;
mod settings;
mod store;

pub use exports::SimExport;
pub use failures::{Call, PlannedFailure, When};
pub use settings::{SimPool, SimSettings};

use failures::Plan;
use store::{Item, Store};

/// A handle on a simulated backend.
#[derive(Debug, Clone)]
pub struct Sim(Arc<Backend>);

#[derive(Debug)]
struct Backend {
    name: String,
    latency: Duration,
    plan: Mutex<Plan>,
    store: Mutex<Store>,
    fillings: Fillings<Vec<u8>>,
}

impl Sim {
    /// A new, empty backend.
    #[must_use]
    pub fn new(settings: SimSettings) -> Self {
        Self(Arc::new(Backend {
            name: settings.backend_name,
            latency: settings.latency,
            plan: Mutex::new(Plan::new(settings.seed, settings.failures)),
            store: Mutex::new(Store::new(settings.pools)),
            fillings: Fillings::default(),
        }))
    }

    /// Plans one more failure. Occurrences count from when the backend was made; see `count`.
    pub fn plan(&self, failure: PlannedFailure) {
        locked(&self.0.plan).add(failure);
    }

    /// Forgets all planned failures.
    pub fn clear_plan(&self) {
        locked(&self.0.plan).clear();
    }

    /// How often a call has come so far.
    #[must_use]
    pub fn count(&self, call: Call) -> u64 {
        locked(&self.0.plan).count(call)
    }

    /// Writes the first bytes of a volume, as a server that has it would; `false` when it is not there.
    pub fn write(&self, pool: &str, name: &str, bytes: &[u8]) -> bool {
        match locked(&self.0.store).get_mut(pool, name) {
            Some(item) => {
                item.head = bytes.to_vec();
                true
            }
            None => false,
        }
    }

    /// The bytes last written to a volume, or to what it or a snapshot was copied from.
    #[must_use]
    pub fn read(&self, pool: &str, name: &str) -> Option<Vec<u8>> {
        locked(&self.0.store).get(pool, name).map(|item| item.head.clone())
    }

    /// From now on others, who do not ask us, have this much of the pool's room, thin or thick.
    pub fn occupy(&self, pool: &str, by_others: Gib) {
        locked(&self.0.store).occupy(pool, by_others);
    }

    /// How a volume is exported, if it is.
    #[must_use]
    pub fn export(&self, pool: &str, name: &str) -> Option<SimExport> {
        locked(&self.0.store).exports.get(pool, name).cloned()
    }

    /// Names of all volumes that are exported, in order.
    #[must_use]
    pub fn exported(&self) -> Vec<String> {
        locked(&self.0.store).exports.names()
    }

    /// Forgets all exports, as target software does that is started again.
    pub fn lose_exports(&self) {
        locked(&self.0.store).exports.clear();
    }

    /// Counts the call, takes its time, and does the work unless it is to fail before that.
    fn call<'a, T: Send + 'a>(
        &'a self,
        call: Call,
        work: impl FnOnce(&mut Store) -> Result<T, DriverError> + Send + 'a,
    ) -> Answer<'a, T> {
        async move {
            let failure = locked(&self.0.plan).next(call);
            if !self.0.latency.is_zero() {
                tokio::time::sleep(self.0.latency).await;
            }
            match failure {
                Some(failure) if !failure.after => Err(planned(&failure)),
                failure => {
                    let done = work(&mut locked(&self.0.store))?;
                    failure.map_or(Ok(done), |failure| Err(planned(&failure)))
                }
            }
        }
        .boxed()
    }
}

impl Driver for Sim {
    fn check_setup(&self) -> Answer<'_, ()> {
        self.call(Call::CheckSetup, |_| Ok(()))
    }

    /// It is empty after each restart, and that says nothing.
    fn holds_anything(&self) -> Answer<'_, Option<bool>> {
        async { Ok(None) }.boxed()
    }

    fn stats(&self) -> Answer<'_, Vec<PoolStats>> {
        self.call(Call::Stats, |store| {
            Ok(store.pools().iter().map(|pool| stats(&self.0.name, pool, store)).collect())
        })
    }

    fn ensure_volume<'a>(&'a self, volume: VolumeRef<'a>) -> Answer<'a, Made> {
        self.call(Call::EnsureVolume, move |store| {
            refusal::check(Kind::Volume, volume.name)?;
            ensure(store, volume.pool, volume.name, Kind::Volume, volume.size, None)
        })
    }

    fn ensure_volume_from_snapshot<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        snapshot: SnapshotRef<'a>,
    ) -> Answer<'a, Made> {
        self.call(Call::EnsureVolumeFromSnapshot, move |store| {
            refusal::check(Kind::Snapshot, snapshot.name)?;
            ensure_copy(store, volume, (snapshot.pool, snapshot.name, snapshot.size))
        })
    }

    fn ensure_clone<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        source: VolumeRef<'a>,
    ) -> Answer<'a, Made> {
        self.call(Call::EnsureClone, move |store| {
            refusal::check(Kind::Volume, source.name)?;
            ensure_copy(store, volume, (source.pool, source.name, source.size))
        })
    }

    fn ensure_filled_volume<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        content: Content,
    ) -> BoxFuture<'a, Result<Made, FillError>> {
        async move {
            filling::check_key(&content.key)?;
            refusal::check(Kind::Volume, volume.name)?;
            let there = locked(&self.0.store).get(volume.pool, volume.name).is_some();
            let head = if there { Vec::new() } else { self.filled(volume, content).await? };
            let made = self.call(Call::EnsureFilledVolume, move |store| {
                ensure_with(store, volume.pool, volume.name, Kind::Volume, volume.size, |_| {
                    Ok(head)
                })
            });
            Ok(made.await?)
        }
        .boxed()
    }

    fn ensure_reverted<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        snapshot: SnapshotRef<'a>,
    ) -> Answer<'a, ()> {
        self.revert(volume, snapshot)
    }

    fn ensure_refilled<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        content: Content,
    ) -> BoxFuture<'a, Result<(), FillError>> {
        self.refill(volume, content).boxed()
    }

    fn open_volume<'a>(&'a self, volume: VolumeRef<'a>) -> Answer<'a, Reading> {
        self.call(Call::OpenVolume, move |store| {
            let item = store.require(volume.pool, volume.name)?;
            filled::reading(&item.head, item.size)
        })
    }

    fn ensure_export<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        kept: Option<&'a Export>,
    ) -> Answer<'a, Option<Export>> {
        self.call(Call::EnsureExport, move |store| {
            refusal::check(Kind::Volume, volume.name)?;
            store.require(volume.pool, volume.name)?;
            Ok(Some(store.exports.ensure(volume, kept)))
        })
    }

    fn destroy_export<'a>(&'a self, volume: VolumeRef<'a>) -> Answer<'a, ()> {
        self.call(Call::DestroyExport, move |store| {
            refusal::check(Kind::Volume, volume.name)?;
            store.exports.destroy(volume.pool, volume.name);
            Ok(())
        })
    }

    fn connect<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        export: Option<&'a Export>,
        connector: &'a Connector,
    ) -> Answer<'a, ConnectionInfo> {
        self.call(Call::Connect, move |store| {
            refusal::check(Kind::Volume, volume.name)?;
            store.require(volume.pool, volume.name)?;
            store.exports.connect(volume, export, connector)
        })
    }

    fn disconnect<'a>(
        &'a self,
        volume: VolumeRef<'a>,
        connector: Option<&'a Connector>,
    ) -> Answer<'a, ()> {
        self.call(Call::Disconnect, move |store| {
            refusal::check(Kind::Volume, volume.name)?;
            store.exports.disconnect(volume.pool, volume.name, connector);
            Ok(())
        })
    }

    fn ensure_size<'a>(&'a self, volume: VolumeRef<'a>, size: Gib) -> Answer<'a, ()> {
        self.call(Call::EnsureSize, move |store| {
            refusal::check(Kind::Volume, volume.name)?;
            refusal::check_size(volume.name, size)?;
            store.grow(volume.pool, volume.name, size)
        })
    }

    fn ensure_snapshot<'a>(&'a self, snapshot: SnapshotRef<'a>) -> Answer<'a, Made> {
        self.call(Call::EnsureSnapshot, move |store| {
            refusal::check(Kind::Snapshot, snapshot.name)?;
            refusal::check(Kind::Volume, snapshot.volume_name)?;
            let source = Some((snapshot.pool, snapshot.volume_name));
            ensure(store, snapshot.pool, snapshot.name, Kind::Snapshot, snapshot.size, source)
        })
    }

    fn ensure_group_snapshot<'a>(
        &'a self,
        snapshots: &'a [SnapshotRef<'a>],
        _moment: Moment,
    ) -> Answer<'a, Vec<Made>> {
        self.call(Call::EnsureGroupSnapshot, move |store| group::ensure(store, snapshots))
    }

    fn destroy_snapshot<'a>(&'a self, snapshot: SnapshotRef<'a>) -> Answer<'a, ()> {
        self.call(Call::DestroySnapshot, move |store| {
            refusal::check(Kind::Snapshot, snapshot.name)?;
            store.remove(snapshot.pool, snapshot.name);
            Ok(())
        })
    }

    fn destroy_volume<'a>(&'a self, volume: VolumeRef<'a>) -> Answer<'a, ()> {
        self.call(Call::DestroyVolume, move |store| {
            refusal::check(Kind::Volume, volume.name)?;
            store.remove(volume.pool, volume.name);
            Ok(())
        })
    }

    fn list(&self) -> Answer<'_, Vec<Stored>> {
        self.call(Call::List, |store| Ok(store.list()))
    }
}

/// A volume with the content of the thing in `source`: its pool, name and size.
fn ensure_copy(
    store: &mut Store,
    volume: VolumeRef<'_>,
    (pool, name, size): (&str, &str, Gib),
) -> Result<Made, DriverError> {
    refusal::check(Kind::Volume, volume.name)?;
    refusal::check_holds(volume, name, size)?;
    ensure(store, volume.pool, volume.name, Kind::Volume, volume.size, Some((pool, name)))
}

fn ensure(
    store: &mut Store,
    pool: &str,
    name: &str,
    kind: Kind,
    size: Gib,
    source: Option<(&str, &str)>,
) -> Result<Made, DriverError> {
    ensure_with(store, pool, name, kind, size, |store| match source {
        Some((pool, name)) => Ok(store.require(pool, name)?.head.clone()),
        None => Ok(Vec::new()),
    })
}

/// Makes a thing that begins with the bytes that `head` answers, unless it is there.
fn ensure_with(
    store: &mut Store,
    pool: &str,
    name: &str,
    kind: Kind,
    size: Gib,
    head: impl FnOnce(&Store) -> Result<Vec<u8>, DriverError>,
) -> Result<Made, DriverError> {
    refusal::check_size(name, size)?;
    if store.get(pool, name).is_none() {
        let head = head(store)?;
        store.add(pool, name, Item { kind, size, head })?;
    }
    Ok(Made::default())
}

fn stats(backend: &str, pool: &SimPool, store: &Store) -> PoolStats {
    let own = json!({
        "volume_backend_name": backend,
        "vendor_name": "Ashlar",
        "driver_version": env!("CARGO_PKG_VERSION"),
        "storage_protocol": "sim",
        "QoS_support": false,
        "multiattach": true,
        "online_extend_support": true,
        "replication_enabled": false,
    });
    let mut capabilities = if let Value::Object(own) = own { own } else { Map::new() };
    capabilities.extend(pool.capabilities.clone());
    let total = Gib(pool.total_gib);
    PoolStats {
        pool_name: pool.name.clone(),
        total: capacity(total),
        free: capacity(total.saturating_sub(store.taken(pool))),
        reserved_percentage: pool.reserved_percentage,
        max_over_subscription_ratio: pool.max_over_subscription_ratio,
        thin: pool.thin,
        thick: !pool.thin,
        capabilities,
    }
}

fn capacity(size: Gib) -> Capacity {
    Capacity::Gib(u32::try_from(size.0).map_or(f64::from(u32::MAX), f64::from))
}

fn planned(failure: &PlannedFailure) -> DriverError {
    DriverError::new(failure.kind, format!("planned failure of {:?}", failure.call))
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
