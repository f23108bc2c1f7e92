//! What lies on a backend and could be managed: lists of volumes and of snapshots alike.

mod list;
mod place;
mod view;

pub(crate) use list::list;
pub(crate) use place::place;
