//! Consistency groups: the API of old, over groups of the group type that Cinder keeps for them. Its lists show every
//! group.

pub mod body;
pub mod create;
pub mod create_from_src;
pub mod delete;
pub mod list;
pub mod show;
pub mod update;
pub mod view;

use crate::endpoint::Endpoint;
use crate::run;

const ALL: &str = "/consistencygroups";
const ONE: &str = "/consistencygroups/{id}";

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("cg.list", ALL, run!(list::brief)).rule("group:get_all"),
    Endpoint::get("cg.detail", "/consistencygroups/detail", run!(list::detailed))
        .rule("group:get_all"),
    Endpoint::post("cg.create", ALL, run!(create::create)).rule("group:create").body(&body::CREATE),
    Endpoint::post(
        "cg.create_from_src",
        "/consistencygroups/create_from_src",
        run!(create_from_src::create),
    )
    .rule("group:create")
    .body(&body::CREATE_FROM_SRC),
    Endpoint::get("cg.show", ONE, run!(show::show)).rule_after_load("group:get"),
    Endpoint::put("cg.update", "/consistencygroups/{id}/update", run!(update::update))
        .rule_after_load("group:update")
        .body(&body::UPDATE),
    Endpoint::post("cg.delete", "/consistencygroups/{id}/delete", run!(delete::delete))
        .rule_after_load("group:delete")
        .body(&body::DELETE),
];
