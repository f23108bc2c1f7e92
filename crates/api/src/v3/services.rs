//! Services: the roles that run, and switching them off and on.

pub mod body;
pub mod freeze;
pub mod list;
pub mod switch;

use crate::endpoint::Endpoint;
use crate::run;

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("service.list", "/os-services", run!(list::list))
        .rule_after_load("volume_extension:services:index"),
    Endpoint::put("service.enable", "/os-services/enable", run!(switch::enable))
        .rule("volume_extension:services:update")
        .body(&body::SWITCH),
    Endpoint::put("service.disable", "/os-services/disable", run!(switch::disable))
        .rule("volume_extension:services:update")
        .body(&body::SWITCH),
    Endpoint::put(
        "service.disable_log_reason",
        "/os-services/disable-log-reason",
        run!(switch::disable_with_reason),
    )
    .rule("volume_extension:services:update")
    .body(&body::DISABLE_WITH_REASON),
    Endpoint::put("service.freeze", "/os-services/freeze", run!(freeze::freeze))
        .rule("volume:freeze_host")
        .body(&body::FREEZE),
    Endpoint::put("service.thaw", "/os-services/thaw", run!(freeze::thaw))
        .rule("volume:thaw_host")
        .body(&body::FREEZE),
];

#[cfg(test)]
mod tests;
