//! Placement: why a volume is where it is, and where one would go.

pub mod dry_run;
pub mod explain;
pub mod view;

use crate::endpoint::Endpoint;
use crate::run;
use crate::v3::volumes::body;

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("placement.explain", "/volumes/{volume_id}/placement", run!(explain::explain))
        .rule("ashlar:placement:explain"),
    Endpoint::post("placement.dry_run", "/placement", run!(dry_run::dry_run))
        .rule("ashlar:placement:dry_run")
        .body(&body::CREATE),
];

#[cfg(test)]
mod tests;
