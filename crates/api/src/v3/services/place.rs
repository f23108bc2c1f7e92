//! What a request about a backend as a whole names: a host, or from 3.26 on a cluster.

use ashlar_db::Tx;
use ashlar_db::services::{self, ServiceFilter, VOLUME};
use ashlar_types::Service;
use serde_json::Value;

use crate::fault::{Fault, TxFault};
use crate::request::Request;
use crate::version::{Version, v3};

/// From here on a cluster may be named instead of a host.
const CLUSTER: Version = v3(26);

/// The services of one backend.
pub(super) struct Place {
    /// Their cluster, where they are in one.
    pub(super) cluster: Option<String>,
    /// At least one.
    pub(super) services: Vec<Service>,
}

/// The host or the cluster that the body names.
enum Named<'r> {
    Host(&'r str),
    Cluster(&'r str),
}

/// The place that the request names.
///
/// # Errors
/// 400 when it names none, several, or what is not there.
pub(super) async fn require(tx: &mut Tx, request: &Request) -> Result<Place, TxFault> {
    let named = named(request)?;
    let found = services::list(tx, &filter(&named)).await?;
    let missing = || {
        let what = match named {
            Named::Host(host) => format!("host={host}"),
            Named::Cluster(cluster) => format!("cluster={cluster}"),
        };
        Fault::invalid_input(format!("No service found with {what}"))
    };
    let first = found.first().ok_or_else(missing)?;
    let same = |service: &Service| match named {
        Named::Host(_) => service.host == first.host,
        Named::Cluster(_) => service.cluster_name == first.cluster_name,
    };
    if !found.iter().all(same) {
        return Err(Fault::bad_request("Services from different clusters found.").into());
    }
    let cluster = first.cluster_name.clone();
    // Who is in a cluster is changed with all of it.
    let services = match (&named, &cluster) {
        (Named::Host(_), Some(cluster)) => {
            services::list(tx, &filter(&Named::Cluster(cluster))).await?
        }
        _ => found,
    };
    Ok(Place { cluster, services })
}

fn filter(named: &Named<'_>) -> ServiceFilter {
    let mut filter = ServiceFilter { binary: Some(VOLUME.to_owned()), ..ServiceFilter::default() };
    match named {
        Named::Host(host) => filter.host = Some((*host).to_owned()),
        Named::Cluster(cluster) => filter.cluster = Some((*cluster).to_owned()),
    }
    filter
}

fn named(request: &Request) -> Result<Named<'_>, Fault> {
    let text = |key: &str| request.body.get(key).and_then(Value::as_str).unwrap_or_default();
    let host = text("host");
    let with_cluster = request.version >= CLUSTER;
    let cluster = if with_cluster { text("cluster") } else { "" };
    match (host.is_empty(), cluster.is_empty()) {
        (false, true) => Ok(Named::Host(host)),
        (true, false) => Ok(Named::Cluster(cluster)),
        _ if with_cluster => {
            Err(Fault::invalid_input("One and only one of cluster and host must be set."))
        }
        _ => Err(Fault::invalid_input("Host field is missing.")),
    }
}

impl Place {
    /// Its services in Python's form, as Cinder writes them into refusals.
    pub(super) fn shown(&self) -> String {
        let hosts: Vec<String> =
            self.services.iter().map(|service| format!("'{}'", service.host)).collect();
        format!("[{}]", hosts.join(", "))
    }
}
