//! Volumes.

pub mod action;
pub mod body;
pub mod create;
pub mod delete;
pub mod encryption;
pub mod filter;
pub mod list;
pub mod load;
pub mod metadata;
pub mod show;
pub mod summary;
pub mod update;
pub mod view;

use crate::endpoint::Endpoint;
use crate::run;

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("volume.list", "/volumes", run!(list::brief)).rule("volume:get_all"),
    Endpoint::get("volume.detail", "/volumes/detail", run!(list::detailed)).rule("volume:get_all"),
    Endpoint::get("volume.summary", "/volumes/summary", run!(summary::summary))
        .rule("volume:get_all")
        .since(12),
    Endpoint::post("volume.create", "/volumes", run!(create::create))
        .rule("volume:create")
        .body(&body::CREATE),
    Endpoint::get("volume.show", "/volumes/{volume_id}", run!(show::show))
        .rule_after_load("volume:get"),
    Endpoint::put("volume.update", "/volumes/{volume_id}", run!(update::update))
        .rule_after_load("volume:update")
        .body(&body::UPDATE),
    Endpoint::delete("volume.delete", "/volumes/{volume_id}", run!(delete::delete))
        .rule_after_load("volume:delete"),
];

#[cfg(test)]
pub(crate) mod tests;
