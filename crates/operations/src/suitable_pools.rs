//! Which pools could hold volumes of a type: those that report what its extra specs demand.

use ashlar_placement::requirement::{Answer, Requirement};
use ashlar_types::{Pool, VolumeType};

/// Keeps the pools that meet every demand of the type, in their order. Zones and space are left aside, as
/// nothing is to be placed.
#[must_use]
pub fn keep(mut pools: Vec<Pool>, volume_type: &VolumeType) -> Vec<Pool> {
    let demands = Requirement::all(&volume_type.extra_specs);
    pools.retain(|pool| demands.iter().all(|demand| demand.check(&pool.stats) == Answer::Met));
    pools
}
