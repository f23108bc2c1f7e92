//! Workers: what was left by services that are gone. Nothing stays stuck here, since whoever plays the role takes up
//! what another left when its claim has run out; asking for it cuts the waiting short.

pub mod body;
pub mod cleanup;

use crate::endpoint::Endpoint;
use crate::run;

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] =
    &[Endpoint::post("worker.cleanup", "/workers/cleanup", run!(cleanup::cleanup))
        .since(24)
        .rule("workers:cleanup")
        .body(&body::CLEANUP)];

#[cfg(test)]
mod tests;
