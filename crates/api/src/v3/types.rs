//! Volume types, their extra specs, and the projects that private ones are granted to.

pub mod access;
pub mod body;
pub mod create;
pub mod delete;
pub mod encryption;
pub mod extra_specs;
pub mod filter;
pub mod list;
pub mod load;
pub mod show;
pub mod update;
pub mod view;

use crate::endpoint::Endpoint;
use crate::run;

const TYPES: &str = "/types";
const TYPE: &str = "/types/{type_id}";
const ACTION: &str = "/types/{type_id}/action";
const SPECS: &str = "/types/{type_id}/extra_specs";
const SPEC: &str = "/types/{type_id}/extra_specs/{key}";
const ENCRYPTION: &str = "/types/{type_id}/encryption";
const ONE_ENCRYPTION: &str = "/types/{type_id}/encryption/{encryption_id}";

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("type.list", TYPES, run!(list::list)).rule("volume_extension:type_get_all"),
    Endpoint::get("type.default", "/types/default", run!(show::default))
        .rule_after_load("volume_extension:type_get"),
    Endpoint::get("type.show", TYPE, run!(show::show)).rule_after_load("volume_extension:type_get"),
    Endpoint::post("type.create", TYPES, run!(create::create))
        .rule("volume_extension:type_create")
        .body(&body::CREATE),
    Endpoint::put("type.update", TYPE, run!(update::update))
        .rule("volume_extension:type_update")
        .body(&body::UPDATE),
    Endpoint::delete("type.delete", TYPE, run!(delete::delete))
        .rule("volume_extension:type_delete"),
    Endpoint::get("type.extra_specs.list", SPECS, run!(extra_specs::read::list))
        .rule("volume_extension:types_extra_specs:index"),
    Endpoint::get("type.extra_specs.show", SPEC, run!(extra_specs::read::show))
        .rule("volume_extension:types_extra_specs:show"),
    Endpoint::post("type.extra_specs.create", SPECS, run!(extra_specs::write::merge))
        .rule("volume_extension:types_extra_specs:create")
        .body(&body::SPECS),
    Endpoint::put("type.extra_specs.update", SPEC, run!(extra_specs::write::set))
        .rule("volume_extension:types_extra_specs:update")
        .body(&body::SPEC),
    Endpoint::delete("type.extra_specs.delete", SPEC, run!(extra_specs::write::remove))
        .rule("volume_extension:types_extra_specs:delete"),
    Endpoint::get("type.access.list", "/types/{type_id}/os-volume-type-access", run!(access::list))
        .rule("volume_extension:volume_type_access:get_all_for_type"),
    Endpoint::action("type.access.add", ACTION, "addProjectAccess", run!(access::add))
        .rule("volume_extension:volume_type_access:addProjectAccess")
        .body(&body::ADD_ACCESS),
    Endpoint::action("type.access.remove", ACTION, "removeProjectAccess", run!(access::remove))
        .rule("volume_extension:volume_type_access:removeProjectAccess")
        .body(&body::REMOVE_ACCESS),
    Endpoint::get("type.encryption.list", ENCRYPTION, run!(encryption::list))
        .rule("volume_extension:volume_type_encryption:get"),
    Endpoint::post("type.encryption.create", ENCRYPTION, run!(encryption::create))
        .rule("volume_extension:volume_type_encryption:create")
        .body(&body::CREATE_ENCRYPTION),
    Endpoint::get(
        "type.encryption.show",
        "/types/{type_id}/encryption/{key}",
        run!(encryption::show),
    )
    .rule("volume_extension:volume_type_encryption:get"),
    Endpoint::put("type.encryption.update", ONE_ENCRYPTION, run!(encryption::update))
        .rule("volume_extension:volume_type_encryption:update")
        .body(&body::UPDATE_ENCRYPTION),
    Endpoint::delete("type.encryption.delete", ONE_ENCRYPTION, run!(encryption::delete))
        .rule("volume_extension:volume_type_encryption:delete"),
];
