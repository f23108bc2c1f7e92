//! The HTTP edge: Cinder's Block Storage API v3, microversions 3.0 to 3.71.
//!
//! A request passes [`server`] (connections), [`dispatch`] (credentials, route, microversion, body, policy)
//! and reaches one handler of [`v3`], or of [`ashlar_v1`] for what Cinder does not have, which returns an
//! [`answer::Answer`] or a [`fault::Fault`].
//! Wire names and JSON live here and nowhere below.

pub mod answer;
pub mod app;
pub mod ashlar_v1;
pub mod auth;
pub mod body;
pub mod bulk;
pub mod dispatch;
pub mod endpoint;
pub mod fault;
pub mod filters;
pub mod gate;
pub mod gauges;
mod letters;
pub mod links;
pub mod measure;
pub mod openapi;
mod own_log;
pub mod paging;
pub mod policy;
pub mod project_id;
pub mod query;
pub mod registry;
pub mod request;
pub mod request_id;
pub mod server;
#[cfg(test)]
pub(crate) mod testing;
pub mod v3;
pub mod version;

pub use answer::Answer;
pub use app::{ApiSettings, App, Parts};
pub use endpoint::{Endpoint, Outcome};
pub use fault::Fault;
pub use own_log::OwnLog;
pub use request::Request;
pub use server::serve;
