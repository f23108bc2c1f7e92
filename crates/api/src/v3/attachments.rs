//! Attachments (3.27): which servers and hosts have which volumes, and how they reach them.
//!
//! Whoever may see a volume's project may look at its attachments; Cinder has no rule for that. Another project's
//! attachment is not there (404): in Cinder, any project that owned a volume could read it with its passwords.

pub mod body;
pub mod complete;
pub mod create;
pub mod delete;
pub mod filter;
pub mod list;
pub mod load;
pub mod show;
pub mod update;
pub mod view;

use crate::endpoint::Endpoint;
use crate::run;

const ONE: &str = "/attachments/{attachment_id}";

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("attachment.list", "/attachments", run!(list::brief)).since(27),
    Endpoint::get("attachment.detail", "/attachments/detail", run!(list::detailed)).since(27),
    Endpoint::post("attachment.create", "/attachments", run!(create::create))
        .since(27)
        .rule_after_load("volume:attachment_create")
        .body(&body::CREATE),
    Endpoint::get("attachment.show", ONE, run!(show::show)).since(27),
    Endpoint::put("attachment.update", ONE, run!(update::update))
        .since(27)
        .rule_after_load("volume:attachment_update")
        .body(&body::UPDATE),
    Endpoint::delete("attachment.delete", ONE, run!(delete::delete))
        .since(27)
        .rule_after_load("volume:attachment_delete"),
    Endpoint::action(
        "attachment.action.complete",
        "/attachments/{attachment_id}/action",
        "os-complete",
        run!(complete::complete),
    )
    .since(44)
    .rule_after_load("volume:attachment_complete")
    .body(&body::COMPLETE),
];

#[cfg(test)]
mod tests;
