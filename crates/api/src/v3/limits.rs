//! Limits: what a project may have and has, for clients that draw bars.

pub mod show;

use crate::endpoint::Endpoint;
use crate::run;

/// Endpoints of the resource. Used values have a rule of their own.
pub static ENDPOINTS: &[Endpoint] = &[Endpoint::get("limits.show", "/limits", run!(show::show))];

#[cfg(test)]
mod tests;
