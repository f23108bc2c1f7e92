//! Snapshots of several volumes that belong together. Nothing else happens on the backend meanwhile, so they are of one
//! moment.

use std::collections::BTreeSet;

use super::store::Store;
use crate::driver::{Kind, Made, SnapshotRef};
use crate::error::{DriverError, FailureKind};
use crate::refusal;

/// Takes all of them or none; what is there of an attempt that ended in the middle is taken anew.
pub(super) fn ensure(
    store: &mut Store,
    snapshots: &[SnapshotRef<'_>],
) -> Result<Vec<Made>, DriverError> {
    for snapshot in snapshots {
        refusal::check(Kind::Snapshot, snapshot.name)?;
        refusal::check(Kind::Volume, snapshot.volume_name)?;
    }
    let names: BTreeSet<&str> = snapshots.iter().map(|snapshot| snapshot.name).collect();
    if names.len() != snapshots.len() {
        let message = "a snapshot is named twice in its group";
        return Err(DriverError::new(FailureKind::Invalid, message));
    }
    if !snapshots.iter().all(|snapshot| store.get(snapshot.pool, snapshot.name).is_some()) {
        remove(store, snapshots);
        for snapshot in snapshots {
            let source = Some((snapshot.pool, snapshot.volume_name));
            let (pool, name, size) = (snapshot.pool, snapshot.name, snapshot.size);
            if let Err(error) = super::ensure(store, pool, name, Kind::Snapshot, size, source) {
                remove(store, snapshots);
                return Err(error);
            }
        }
    }
    Ok(vec![Made::default(); snapshots.len()])
}

fn remove(store: &mut Store, snapshots: &[SnapshotRef<'_>]) {
    for snapshot in snapshots {
        store.remove(snapshot.pool, snapshot.name);
    }
}
