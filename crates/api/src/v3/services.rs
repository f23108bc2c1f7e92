//! Services: the roles that run, and switching them off and on.

pub mod body;
pub mod failover;
pub mod freeze;
pub mod list;
pub mod log;
mod place;
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
    Endpoint::put("service.failover_host", "/os-services/failover_host", run!(failover::failover))
        .rule("volume:failover_host")
        .body(&body::FAILOVER),
    Endpoint::put("service.failover", "/os-services/failover", run!(failover::failover))
        .since(26)
        .rule("volume:failover_host")
        .body(&body::FAILOVER),
    Endpoint::put("service.get_log", "/os-services/get-log", run!(log::get))
        .since(32)
        .rule("volume_extension:services:update")
        .body(&body::GET_LOG),
    Endpoint::put("service.set_log", "/os-services/set-log", run!(log::set))
        .since(32)
        .rule("volume_extension:services:update")
        .body(&body::SET_LOG),
];

#[cfg(test)]
mod tests;
