//! A volume with a snapshot's content; grown when it is the larger one.

use ashlar_drivers::{DriverError, FailureKind, Made, SnapshotRef};
use ashlar_types::{PoolName, SnapshotId};

use super::super::State;
use super::{name_of, reference};
use crate::VolumeContext;

pub(super) async fn make(
    cx: &VolumeContext,
    state: &State,
    pool: &PoolName,
    snapshot: SnapshotId,
) -> Result<Made, DriverError> {
    let (Some(source_pool), Some(size), Some(of)) =
        (&state.source_pool, state.source_size, state.source_volume)
    else {
        return Err(DriverError::new(FailureKind::Invalid, "the snapshot's place is not known"));
    };
    let source = SnapshotRef {
        name: &format!("snapshot-{snapshot}"),
        volume_name: &name_of(of),
        pool: source_pool.pool().unwrap_or_default(),
        size,
    };
    let spec = &state.spec;
    let name = name_of(spec.volume_id);
    cx.driver.ensure_volume_from_snapshot(reference(&name, pool, spec.size), source).await
}
