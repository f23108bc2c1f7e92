//! A blank volume: it reads as zeros.

use ashlar_drivers::{DriverError, Made};
use ashlar_types::{PoolName, RequestSpec};

use super::{name_of, reference};
use crate::VolumeContext;

pub(super) async fn make(
    cx: &VolumeContext,
    spec: &RequestSpec,
    pool: &PoolName,
) -> Result<Made, DriverError> {
    cx.driver.ensure_volume(reference(&name_of(spec.volume_id), pool, spec.size)).await
}
