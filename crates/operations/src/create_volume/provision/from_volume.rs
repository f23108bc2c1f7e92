//! A clone of another volume; grown when it is the larger one.

use ashlar_drivers::{DriverError, FailureKind, Made};
use ashlar_types::{PoolName, VolumeId};

use super::super::State;
use super::{name_of, reference};
use crate::VolumeContext;

pub(super) async fn make(
    cx: &VolumeContext,
    state: &State,
    pool: &PoolName,
    source: VolumeId,
) -> Result<Made, DriverError> {
    let (Some(source_pool), Some(size)) = (&state.source_pool, state.source_size) else {
        return Err(DriverError::new(FailureKind::Invalid, "the source's place is not known"));
    };
    let spec = &state.spec;
    let (name, source) = (name_of(spec.volume_id), name_of(source));
    cx.driver
        .ensure_clone(reference(&name, pool, spec.size), reference(&source, source_pool, size))
        .await
}
