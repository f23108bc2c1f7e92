//! `POST /volumes/{volume_id}/action`: one file for each action, one line each in the table.

mod attach;
mod begin_detaching;
mod detach;
mod extend;
mod extend_completion;
mod force_delete;
mod force_detach;
mod image_metadata;
mod initialize_connection;
mod readonly_flag;
mod reimage;
mod reserve;
mod reset_status;
mod retype;
mod revert;
mod roll_detaching;
mod set_bootable;
mod terminate_connection;
mod unmanage;
mod unreserve;
mod upload_image;

use crate::endpoint::Endpoint;
use crate::run;

const PATH: &str = "/volumes/{volume_id}/action";

/// The actions on a volume.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::action("volume.action.extend", PATH, "os-extend", run!(extend::extend))
        .rule_after_load("volume:extend")
        .body(&extend::BODY),
    Endpoint::action(
        "volume.action.extend_completion",
        PATH,
        "os-extend_volume_completion",
        run!(extend_completion::complete),
    )
    // It came with 3.71, but Cinder answers at any version.
    .rule_after_load("volume_extension:volume_admin_actions:extend_volume_completion")
    .body(&extend_completion::BODY),
    Endpoint::action("volume.action.retype", PATH, "os-retype", run!(retype::retype))
        .rule_after_load("volume:retype")
        .body(&retype::BODY),
    Endpoint::action("volume.action.revert", PATH, "revert", run!(revert::revert))
        .rule_after_load("volume:revert_to_snapshot")
        .since(40)
        .body(&revert::BODY),
    Endpoint::action("volume.action.reimage", PATH, "os-reimage", run!(reimage::reimage))
        .rule_after_load("volume:reimage")
        .since(68)
        .body(&reimage::BODY),
    Endpoint::action(
        "volume.action.reset_status",
        PATH,
        "os-reset_status",
        run!(reset_status::reset_status),
    )
    .rule_after_load("volume_extension:volume_admin_actions:reset_status")
    .body(&reset_status::BODY),
    Endpoint::action(
        "volume.action.force_delete",
        PATH,
        "os-force_delete",
        run!(force_delete::force_delete),
    )
    .rule_after_load("volume_extension:volume_admin_actions:force_delete")
    .body(&force_delete::BODY),
    Endpoint::action(
        "volume.action.readonly",
        PATH,
        "os-update_readonly_flag",
        run!(readonly_flag::update),
    )
    .rule_after_load("volume:update_readonly_flag")
    .body(&readonly_flag::BODY),
    Endpoint::action(
        "volume.action.set_bootable",
        PATH,
        "os-set_bootable",
        run!(set_bootable::set_bootable),
    )
    .rule_after_load("volume:update")
    .body(&set_bootable::BODY),
    Endpoint::action(
        "volume.action.set_image_metadata",
        PATH,
        "os-set_image_metadata",
        run!(image_metadata::set),
    )
    .rule_after_load("volume_extension:volume_image_metadata:set")
    .body(&image_metadata::SET),
    Endpoint::action(
        "volume.action.unset_image_metadata",
        PATH,
        "os-unset_image_metadata",
        run!(image_metadata::unset),
    )
    .rule_after_load("volume_extension:volume_image_metadata:remove")
    .body(&image_metadata::UNSET),
    Endpoint::action(
        "volume.action.show_image_metadata",
        PATH,
        "os-show_image_metadata",
        run!(image_metadata::show),
    )
    .rule_after_load("volume:get_volume_metadata")
    .body(&image_metadata::SHOW),
    Endpoint::action(
        "volume.action.upload_image",
        PATH,
        "os-volume_upload_image",
        run!(upload_image::upload),
    )
    .rule_after_load("volume_extension:volume_actions:upload_image")
    .body(&upload_image::BODY),
    Endpoint::action("volume.action.attach", PATH, "os-attach", run!(attach::attach))
        .rule_after_load("volume_extension:volume_actions:attach")
        .body(&attach::BODY),
    Endpoint::action("volume.action.detach", PATH, "os-detach", run!(detach::detach))
        .rule_after_load("volume_extension:volume_actions:detach")
        .body(&detach::BODY),
    Endpoint::action("volume.action.reserve", PATH, "os-reserve", run!(reserve::reserve))
        .rule_after_load("volume_extension:volume_actions:reserve")
        .body(&reserve::BODY),
    Endpoint::action("volume.action.unreserve", PATH, "os-unreserve", run!(unreserve::unreserve))
        .rule_after_load("volume_extension:volume_actions:unreserve")
        .body(&unreserve::BODY),
    Endpoint::action(
        "volume.action.begin_detaching",
        PATH,
        "os-begin_detaching",
        run!(begin_detaching::begin_detaching),
    )
    .rule_after_load("volume_extension:volume_actions:begin_detaching")
    .body(&begin_detaching::BODY),
    Endpoint::action(
        "volume.action.roll_detaching",
        PATH,
        "os-roll_detaching",
        run!(roll_detaching::roll_detaching),
    )
    .rule_after_load("volume_extension:volume_actions:roll_detaching")
    .body(&roll_detaching::BODY),
    Endpoint::action(
        "volume.action.initialize_connection",
        PATH,
        "os-initialize_connection",
        run!(initialize_connection::initialize_connection),
    )
    .rule_after_load("volume_extension:volume_actions:initialize_connection")
    .body(&initialize_connection::BODY),
    Endpoint::action(
        "volume.action.terminate_connection",
        PATH,
        "os-terminate_connection",
        run!(terminate_connection::terminate_connection),
    )
    .rule_after_load("volume_extension:volume_actions:terminate_connection")
    .body(&terminate_connection::BODY),
    Endpoint::action(
        "volume.action.force_detach",
        PATH,
        "os-force_detach",
        run!(force_detach::force_detach),
    )
    .rule_after_load("volume_extension:volume_admin_actions:force_detach")
    .body(&force_detach::BODY),
    Endpoint::action("volume.action.unmanage", PATH, "os-unmanage", run!(unmanage::unmanage))
        .rule_after_load("volume_extension:volume_unmanage")
        .body(&unmanage::BODY),
];

#[cfg(test)]
mod tests;
