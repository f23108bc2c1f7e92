//! Every operation there is.

use ashlar_flow::AnyFlow;

use crate::context::House;
use crate::{
    attachments, create_snapshot, create_volume, delete_snapshot, delete_volume, extend_volume,
    upload_volume,
};

/// The flows, in the order in which a volume meets them.
#[must_use]
pub fn flows() -> Vec<&'static dyn AnyFlow<House>> {
    vec![
        &create_volume::CREATE_VOLUME,
        &extend_volume::EXTEND_VOLUME,
        &upload_volume::UPLOAD_VOLUME,
        &create_snapshot::CREATE_SNAPSHOT,
        &delete_snapshot::DELETE_SNAPSHOT,
        &attachments::CONNECT_VOLUME,
        &attachments::DISCONNECT_VOLUME,
        &delete_volume::DELETE_VOLUME,
    ]
}
