//! Operations: what is under way, what each has gone through, and a stream of what happens to them.

pub mod events;
pub mod list;
pub mod show;

use crate::endpoint::Endpoint;
use crate::run;

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("operation.list", "/operations", run!(list::list)).rule("ashlar:operations:list"),
    Endpoint::get("operation.events", "/operations/events", run!(events::events))
        .rule("ashlar:operations:list"),
    Endpoint::get("operation.show", "/operations/{operation_id}", run!(show::show))
        .rule("ashlar:operations:show"),
];

#[cfg(test)]
mod tests;
