//! Every operation there is.

use ashlar_flow::AnyFlow;

use crate::context::House;
use crate::{
    attachments, create_group, create_group_from_source, create_group_snapshot, create_snapshot,
    create_volume, delete_group, delete_group_snapshot, delete_snapshot, delete_volume,
    extend_volume, list_manageable, manage_snapshot, manage_volume, reimage_volume,
    replicate_group, retype_volume, revert_volume, unmanage_snapshot, unmanage_volume,
    update_group, upload_volume,
};

/// The flows, in the order in which a volume meets them.
#[must_use]
pub fn flows() -> Vec<&'static dyn AnyFlow<House>> {
    vec![
        &create_volume::CREATE_VOLUME,
        &extend_volume::EXTEND_VOLUME,
        &retype_volume::RETYPE_VOLUME,
        &upload_volume::UPLOAD_VOLUME,
        &reimage_volume::REIMAGE_VOLUME,
        &create_snapshot::CREATE_SNAPSHOT,
        &revert_volume::REVERT_VOLUME,
        &delete_snapshot::DELETE_SNAPSHOT,
        &attachments::CONNECT_VOLUME,
        &attachments::DISCONNECT_VOLUME,
        &delete_volume::DELETE_VOLUME,
        &list_manageable::LIST_MANAGEABLE,
        &manage_volume::MANAGE_VOLUME,
        &manage_snapshot::MANAGE_SNAPSHOT,
        &unmanage_snapshot::UNMANAGE_SNAPSHOT,
        &unmanage_volume::UNMANAGE_VOLUME,
        &create_group::CREATE_GROUP,
        &update_group::UPDATE_GROUP,
        &replicate_group::REPLICATE_GROUP,
        &create_group_from_source::CREATE_GROUP_FROM_SOURCE,
        &create_group_snapshot::CREATE_GROUP_SNAPSHOT,
        &delete_group_snapshot::DELETE_GROUP_SNAPSHOT,
        &delete_group::DELETE_GROUP,
    ]
}
