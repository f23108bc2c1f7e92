//! Quota class sets: limits of a class, of which `default` holds for every project without its own.

pub mod show;
pub mod update;

use crate::body::Body;
use crate::endpoint::Endpoint;
use crate::run;

const ONE: &str = "/os-quota-class-sets/{class}";
static UPDATE: Body = Body::new(&[(0, update::schema)]);

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("quota_class.show", ONE, run!(show::show))
        .rule("volume_extension:quota_classes:get"),
    Endpoint::put("quota_class.update", ONE, run!(update::update))
        .rule("volume_extension:quota_classes:update")
        .body(&UPDATE),
];

#[cfg(test)]
mod tests;
