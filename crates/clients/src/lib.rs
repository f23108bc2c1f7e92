//! The neighbours: other services of the cloud that we ask things of, as outside clients do.
//!
//! | file | what it is for |
//! |---|---|
//! | `keystone` | logging in with a password: a token, and where the other services are |
//! | `glance` | images: what they are, their bytes in both directions |
//! | `nova` | on which compute host a server runs |
//! | `wire` | the HTTP client below all: time-outs, bounded answers, no redirects to other hosts |
//! | `error` | what can go wrong between us and a neighbour |
//!
//! What a neighbour answers is not trusted: sizes are bounded, every field may be missing or of another kind.

mod error;
pub mod glance;
pub mod keystone;
pub mod nova;
mod wire;

#[cfg(test)]
mod testing;

pub use error::{ClientError, Neighbour};
pub use wire::{Roots, SetupError, Tls};
