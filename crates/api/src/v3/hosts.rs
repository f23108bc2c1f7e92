//! Hosts: the services as an older extension showed them, and what lies on a backend. Deprecated in Cinder.

pub mod list;
pub mod show;
pub mod update;

use ashlar_db::services::{ServiceFilter, VOLUME};

use crate::body::Body;
use crate::endpoint::Endpoint;
use crate::run;

const ONE: &str = "/os-hosts/{host}";
const RULE: &str = "volume_extension:hosts";
static UPDATE: Body = Body::new(&[(0, update::schema)]);

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("host.list", "/os-hosts", run!(list::list)).rule(RULE),
    Endpoint::get("host.show", ONE, run!(show::show)).rule(RULE),
    Endpoint::put("host.update", ONE, run!(update::update)).rule(RULE).body(&UPDATE),
];

/// The volume services on exactly or below this host.
fn volume_services(host: &str) -> ServiceFilter {
    ServiceFilter {
        host: Some(host.to_owned()),
        binary: Some(VOLUME.to_owned()),
        ..ServiceFilter::default()
    }
}

#[cfg(test)]
mod tests;
