//! Quota sets: the limits of a project, and what it uses.

pub mod delete;
pub mod resources;
pub mod show;
pub mod update;

use crate::body::Body;
use crate::endpoint::Endpoint;
use crate::run;

const ONE: &str = "/os-quota-sets/{target_project_id}";
const DEFAULTS: &str = "/os-quota-sets/{target_project_id}/defaults";
/// Who may look at limits.
const SHOW: &str = "volume_extension:quotas:show";
static UPDATE: Body = Body::new(&[(0, update::schema)]);

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("quota.show", ONE, run!(show::show)).rule(SHOW),
    Endpoint::get("quota.defaults", DEFAULTS, run!(show::defaults)).rule(SHOW),
    Endpoint::put("quota.update", ONE, run!(update::update))
        .rule("volume_extension:quotas:update")
        .body(&UPDATE),
    Endpoint::delete("quota.delete", ONE, run!(delete::delete))
        .rule("volume_extension:quotas:delete"),
];

#[cfg(test)]
mod tests;
