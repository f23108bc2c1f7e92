//! A process that plays roles: what it holds, how it starts, how it ends.
//!
//! `lock` keeps two processes off one state directory, `translate` turns the configuration into what each role
//! takes, `shared` is what all roles of a process share, `backends` sets the backends up, `api` opens the
//! door, `descriptors` says to how many at once, and `work` runs everything until it is told to stop.

pub(crate) mod api;
pub(crate) mod backends;
mod descriptors;
pub(crate) mod lock;
pub(crate) mod shared;
mod translate;
pub(crate) mod work;
