//! Generic groups of volumes, from microversion 3.13 on.

pub mod body;
pub mod create;
pub mod create_from_src;
pub mod delete;
pub mod list;
pub mod load;
pub mod replication;
pub mod reset_status;
pub mod show;
pub mod update;
pub mod view;

use crate::endpoint::Endpoint;
use crate::run;

const ONE: &str = "/groups/{group_id}";
const ACTION: &str = "/groups/{group_id}/action";

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("group.list", "/groups", run!(list::brief)).since(13).rule("group:get_all"),
    Endpoint::get("group.detail", "/groups/detail", run!(list::detailed))
        .since(13)
        .rule("group:get_all"),
    Endpoint::post("group.create", "/groups", run!(create::create))
        .since(13)
        .rule_after_load("group:create")
        .body(&body::CREATE),
    Endpoint::get("group.show", ONE, run!(show::show)).since(13).rule_after_load("group:get"),
    Endpoint::put("group.update", ONE, run!(update::update))
        .since(13)
        .rule_after_load("group:update")
        .body(&body::UPDATE),
    Endpoint::action(
        "group.action.create_from_src",
        "/groups/action",
        "create-from-src",
        run!(create_from_src::create),
    )
    .since(14)
    .rule_after_load("group:create")
    .body(&body::CREATE_FROM_SRC),
    Endpoint::action("group.action.delete", ACTION, "delete", run!(delete::delete))
        .since(13)
        .rule_after_load("group:delete")
        .body(&body::DELETE),
    Endpoint::action(
        "group.action.reset_status",
        ACTION,
        "reset_status",
        run!(reset_status::reset_status),
    )
    .since(20)
    .rule_after_load("group:reset_status")
    .body(&body::RESET_STATUS),
    Endpoint::action(
        "group.action.enable_replication",
        ACTION,
        "enable_replication",
        run!(replication::enable),
    )
    .since(38)
    .rule_after_load("group:enable_replication")
    .body(&body::ENABLE_REPLICATION),
    Endpoint::action(
        "group.action.disable_replication",
        ACTION,
        "disable_replication",
        run!(replication::disable),
    )
    .since(38)
    .rule_after_load("group:disable_replication")
    .body(&body::DISABLE_REPLICATION),
    Endpoint::action(
        "group.action.failover_replication",
        ACTION,
        "failover_replication",
        run!(replication::failover),
    )
    .since(38)
    .rule_after_load("group:failover_replication")
    .body(&body::FAILOVER_REPLICATION),
    Endpoint::action(
        "group.action.list_replication_targets",
        ACTION,
        "list_replication_targets",
        run!(replication::list_targets),
    )
    .since(38)
    .rule_after_load("group:list_replication_targets")
    .body(&body::LIST_REPLICATION_TARGETS),
];

#[cfg(test)]
mod tests;
