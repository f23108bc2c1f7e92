//! Specs of group types, on their own endpoints.

pub mod read;
pub mod write;

use super::group_types::SINCE;
use super::types::body;
use crate::body::{Body, pieces};
use crate::endpoint::Endpoint;
use crate::run;

const SPECS: &str = "/group_types/{group_type_id}/group_specs";
const SPEC: &str = "/group_types/{group_type_id}/group_specs/{key}";

static CREATE: Body =
    Body::new(&[(0, || pieces::wrapped("group_specs", pieces::extra_specs_with_narrow_keys()))]);

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("group_type.specs.list", SPECS, run!(read::list))
        .rule("group:group_types_specs:get_all")
        .since(SINCE),
    Endpoint::post("group_type.specs.create", SPECS, run!(write::merge))
        .rule("group:group_types_specs:create")
        .body(&CREATE)
        .since(SINCE),
    Endpoint::get("group_type.specs.show", SPEC, run!(read::show))
        .rule("group:group_types_specs:get")
        .since(SINCE),
    Endpoint::put("group_type.specs.update", SPEC, run!(write::set))
        .rule("group:group_types_specs:update")
        .body(&body::SPEC)
        .since(SINCE),
    Endpoint::delete("group_type.specs.delete", SPEC, run!(write::remove))
        .rule("group:group_types_specs:delete")
        .since(SINCE),
];
