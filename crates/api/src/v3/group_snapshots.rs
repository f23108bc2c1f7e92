//! Snapshots of groups, from microversion 3.14 on.

pub mod body;
pub mod create;
pub mod delete;
pub mod list;
pub mod load;
pub mod reset_status;
pub mod show;
pub mod view;

use crate::endpoint::Endpoint;
use crate::run;

const ALL: &str = "/group_snapshots";
const ONE: &str = "/group_snapshots/{group_snapshot_id}";
const ACTION: &str = "/group_snapshots/{group_snapshot_id}/action";

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("group_snapshot.list", ALL, run!(list::brief))
        .since(14)
        .rule("group:get_all_group_snapshots"),
    Endpoint::get("group_snapshot.detail", "/group_snapshots/detail", run!(list::detailed))
        .since(14)
        .rule("group:get_all_group_snapshots"),
    Endpoint::post("group_snapshot.create", ALL, run!(create::create))
        .since(14)
        .rule_after_load("group:create_group_snapshot")
        .body(&body::CREATE),
    Endpoint::get("group_snapshot.show", ONE, run!(show::show))
        .since(14)
        .rule_after_load("group:get_group_snapshot"),
    Endpoint::delete("group_snapshot.delete", ONE, run!(delete::delete))
        .since(14)
        .rule_after_load("group:delete_group_snapshot"),
    Endpoint::action(
        "group_snapshot.action.reset_status",
        ACTION,
        "reset_status",
        run!(reset_status::reset_status),
    )
    .since(19)
    .rule_after_load("group:reset_group_snapshot_status")
    .body(&body::RESET_STATUS),
];
