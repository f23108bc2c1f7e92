//! Snapshots of consistency groups: the API of old, over group snapshots. Its lists show every group snapshot.

pub mod body;
pub mod create;
pub mod delete;
pub mod list;
pub mod show;
pub mod view;

use crate::endpoint::Endpoint;
use crate::run;

const ALL: &str = "/cgsnapshots";
const ONE: &str = "/cgsnapshots/{id}";

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("cgsnapshot.list", ALL, run!(list::brief)).rule("group:get_all_group_snapshots"),
    Endpoint::get("cgsnapshot.detail", "/cgsnapshots/detail", run!(list::detailed))
        .rule("group:get_all_group_snapshots"),
    Endpoint::post("cgsnapshot.create", ALL, run!(create::create))
        .rule_after_load("group:create_group_snapshot")
        .body(&body::CREATE),
    Endpoint::get("cgsnapshot.show", ONE, run!(show::show))
        .rule_after_load("group:get_group_snapshot"),
    Endpoint::delete("cgsnapshot.delete", ONE, run!(delete::delete))
        .rule_after_load("group:delete_group_snapshot"),
];
