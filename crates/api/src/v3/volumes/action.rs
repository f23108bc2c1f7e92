//! `POST /volumes/{volume_id}/action`: one file for each action, one line each in the table.

mod extend;
mod force_delete;
mod image_metadata;
mod readonly_flag;
mod reset_status;
mod set_bootable;

use crate::endpoint::Endpoint;
use crate::run;

const PATH: &str = "/volumes/{volume_id}/action";

/// The actions on a volume.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::action("volume.action.extend", PATH, "os-extend", run!(extend::extend))
        .rule_after_load("volume:extend")
        .body(&extend::BODY),
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
];

#[cfg(test)]
mod tests;
