//! Scheduler statistics: the pools that new volumes can go to.

pub mod filter;
pub mod list;
pub mod view;

use crate::endpoint::Endpoint;
use crate::run;

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] =
    &[Endpoint::get("pool.list", "/scheduler-stats/get_pools", run!(list::list))
        .rule("scheduler_extension:scheduler_stats:get_pools")];

#[cfg(test)]
mod tests;
