//! QoS specs: limits on the traffic of volumes, and the volume types that have them.

pub mod associations;
pub mod body;
pub mod create;
pub mod delete;
pub mod list;
pub mod load;
pub mod show;
pub mod update;
pub mod view;

use crate::endpoint::Endpoint;
use crate::run;

const ALL: &str = "/qos-specs";
const ONE: &str = "/qos-specs/{qos_id}";
/// The rule for what changes specs and the types that have them.
const UPDATE: &str = "volume_extension:qos_specs_manage:update";
const DELETE: &str = "volume_extension:qos_specs_manage:delete";
const GET_ALL: &str = "volume_extension:qos_specs_manage:get_all";

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("qos.list", ALL, run!(list::list)).rule(GET_ALL),
    Endpoint::post("qos.create", ALL, run!(create::create))
        .rule("volume_extension:qos_specs_manage:create")
        .body(&body::CREATE),
    Endpoint::get("qos.show", ONE, run!(show::show)).rule("volume_extension:qos_specs_manage:get"),
    Endpoint::put("qos.update", ONE, run!(update::update)).rule(UPDATE).body(&body::UPDATE),
    Endpoint::delete("qos.delete", ONE, run!(delete::delete)).rule(DELETE),
    Endpoint::put("qos.delete_keys", "/qos-specs/{qos_id}/delete_keys", run!(delete::delete_keys))
        .rule(DELETE)
        .body(&body::DELETE_KEYS),
    Endpoint::get("qos.associations", "/qos-specs/{qos_id}/associations", run!(associations::list))
        .rule(GET_ALL),
    Endpoint::get("qos.associate", "/qos-specs/{qos_id}/associate", run!(associations::associate))
        .rule(UPDATE),
    Endpoint::get(
        "qos.disassociate",
        "/qos-specs/{qos_id}/disassociate",
        run!(associations::disassociate),
    )
    .rule(UPDATE),
    Endpoint::get(
        "qos.disassociate_all",
        "/qos-specs/{qos_id}/disassociate_all",
        run!(associations::disassociate_all),
    )
    .rule(UPDATE),
];

#[cfg(test)]
mod tests;
