//! Every operation there is.

use ashlar_flow::AnyFlow;

use crate::context::House;
use crate::{create_snapshot, create_volume, delete_snapshot, delete_volume, extend_volume};

/// The flows, in the order in which a volume meets them.
#[must_use]
pub fn flows() -> Vec<&'static dyn AnyFlow<House>> {
    vec![
        &create_volume::CREATE_VOLUME,
        &extend_volume::EXTEND_VOLUME,
        &create_snapshot::CREATE_SNAPSHOT,
        &delete_snapshot::DELETE_SNAPSHOT,
        &delete_volume::DELETE_VOLUME,
    ]
}
