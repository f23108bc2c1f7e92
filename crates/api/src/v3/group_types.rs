//! Group types: what kinds of groups there are.

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

const TYPES: &str = "/group_types";
const TYPE: &str = "/group_types/{group_type_id}";

/// From here on there are group types.
pub(super) const SINCE: u16 = 11;

/// Endpoints of the resource. Lists and single types are for any token; a rule decides who sees the specs.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("group_type.list", TYPES, run!(list::list)).since(SINCE),
    Endpoint::get("group_type.show", TYPE, run!(show::show)).since(SINCE),
    Endpoint::post("group_type.create", TYPES, run!(create::create))
        .rule("group:group_types:create")
        .body(&body::CREATE)
        .since(SINCE),
    Endpoint::put("group_type.update", TYPE, run!(update::update))
        .rule("group:group_types:update")
        .body(&body::UPDATE)
        .since(SINCE),
    Endpoint::delete("group_type.delete", TYPE, run!(delete::delete))
        .rule("group:group_types:delete")
        .since(SINCE),
];

#[cfg(test)]
mod tests;
