//! Clusters: services that share their work. Ashlar makes none, since none of its drivers can be served by several
//! services at once; those of an imported database are shown and can be switched off and on.

pub mod body;
pub mod list;
pub mod show;
pub mod switch;
mod view;

use crate::endpoint::Endpoint;
use crate::run;

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("cluster.list", "/clusters", run!(list::list)).since(7).rule("clusters:get_all"),
    Endpoint::get("cluster.detail", "/clusters/detail", run!(list::detail))
        .since(7)
        .rule("clusters:get_all"),
    Endpoint::get("cluster.show", "/clusters/{cluster_name}", run!(show::show))
        .since(7)
        .rule("clusters:get"),
    Endpoint::put("cluster.enable", "/clusters/enable", run!(switch::enable))
        .since(7)
        .rule("clusters:update")
        .body(&body::ENABLE),
    Endpoint::put("cluster.disable", "/clusters/disable", run!(switch::disable))
        .since(7)
        .rule("clusters:update")
        .body(&body::DISABLE),
];

#[cfg(test)]
pub(super) mod tests;
