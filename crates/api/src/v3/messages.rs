//! User messages: why something that was accepted did not come about.

pub mod delete;
pub mod list;
pub mod load;
pub mod show;
pub mod text;
pub mod view;

use crate::endpoint::Endpoint;
use crate::run;

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("message.list", "/messages", run!(list::list)).rule("message:get_all").since(3),
    Endpoint::get("message.show", "/messages/{message_id}", run!(show::show))
        .rule_after_load("message:get")
        .since(3),
    Endpoint::delete("message.delete", "/messages/{message_id}", run!(delete::delete))
        .rule_after_load("message:delete")
        .since(3),
];

#[cfg(test)]
mod tests;
