//! Snapshots.

pub mod action;
pub mod body;
pub mod create;
pub mod delete;
pub mod filter;
pub mod list;
pub mod load;
pub mod metadata;
pub mod show;
pub mod update;
pub mod view;

use crate::endpoint::Endpoint;
use crate::run;

const ONE: &str = "/snapshots/{snapshot_id}";
const ACTION: &str = "/snapshots/{snapshot_id}/action";
const METADATA: &str = "/snapshots/{snapshot_id}/metadata";
const METADATA_KEY: &str = "/snapshots/{snapshot_id}/metadata/{key}";

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("snapshot.list", "/snapshots", run!(list::brief))
        .rule("volume:get_all_snapshots"),
    Endpoint::get("snapshot.detail", "/snapshots/detail", run!(list::detailed))
        .rule("volume:get_all_snapshots"),
    Endpoint::post("snapshot.create", "/snapshots", run!(create::create))
        .rule_after_load("volume:create_snapshot")
        .body(&body::CREATE),
    Endpoint::get("snapshot.show", ONE, run!(show::show)).rule_after_load("volume:get_snapshot"),
    Endpoint::put("snapshot.update", ONE, run!(update::update))
        .rule_after_load("volume:update_snapshot")
        .body(&body::UPDATE),
    Endpoint::delete("snapshot.delete", ONE, run!(delete::delete))
        .rule_after_load("volume:delete_snapshot"),
    Endpoint::get("snapshot.metadata.list", METADATA, run!(metadata::list))
        .rule_after_load("volume:get_snapshot_metadata"),
    Endpoint::post("snapshot.metadata.create", METADATA, run!(metadata::merge))
        .rule_after_load("volume:update_snapshot_metadata")
        .body(&body::METADATA),
    Endpoint::put("snapshot.metadata.replace", METADATA, run!(metadata::replace))
        .rule_after_load("volume:update_snapshot_metadata")
        .body(&body::METADATA),
    Endpoint::get("snapshot.metadata.show", METADATA_KEY, run!(metadata::show))
        .rule_after_load("volume:get_snapshot_metadata"),
    Endpoint::put("snapshot.metadata.set", METADATA_KEY, run!(metadata::set))
        .rule_after_load("volume:update_snapshot_metadata")
        .body(&body::METADATA_ITEM),
    Endpoint::delete("snapshot.metadata.delete", METADATA_KEY, run!(metadata::delete))
        .rule_after_load("volume:delete_snapshot_metadata"),
    Endpoint::action(
        "snapshot.action.reset_status",
        ACTION,
        "os-reset_status",
        run!(action::reset_status),
    )
    .rule_after_load("volume_extension:snapshot_admin_actions:reset_status")
    .body(&body::RESET_STATUS),
    Endpoint::action(
        "snapshot.action.force_delete",
        ACTION,
        "os-force_delete",
        run!(action::force_delete),
    )
    .rule_after_load("volume_extension:snapshot_admin_actions:force_delete")
    .body(&body::FORCE_DELETE),
    Endpoint::action("snapshot.action.unmanage", ACTION, "os-unmanage", run!(action::unmanage))
        .rule_after_load("snapshot_extension:snapshot_unmanage")
        .body(&body::UNMANAGE),
    Endpoint::action(
        "snapshot.action.update_snapshot_status",
        ACTION,
        "os-update_snapshot_status",
        run!(action::update_status),
    )
    .rule_after_load("snapshot_extension:snapshot_actions:update_snapshot_status")
    .body(&body::UPDATE_STATUS),
];

#[cfg(test)]
mod tests;
