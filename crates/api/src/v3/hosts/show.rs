//! `GET /os-hosts/{host}`: what the projects have on a backend.

use ashlar_db::host_usage::{self, HostUsage};
use ashlar_db::services;
use ashlar_types::BackendName;
use serde_json::{Value, json};

use super::volume_services;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind};
use crate::request::Request;

/// Number and size of volumes and snapshots: in total, and for each project that has a volume there. Every number is a
/// text. A backend that is disabled is not shown, as in Cinder.
pub(super) async fn show(request: &Request) -> Outcome {
    let host = request.param("host");
    let mut tx = request.app.db.read().await?;
    let found = services::list(&mut tx, &volume_services(host)).await?;
    if !found.iter().any(|service| service.host == host && !service.disabled) {
        // "None" is what Cinder says in place of the service's number.
        let message = format!("Service None could not be found on host {host}.");
        return Err(Fault::new(FaultKind::NotFound, message));
    }
    let projects = host_usage::of_backend(&mut tx, &BackendName(host.to_owned())).await?;
    let mut total = HostUsage::default();
    for usage in projects.values() {
        total.volumes += usage.volumes;
        total.volume_gib += usage.volume_gib;
        total.snapshots += usage.snapshots;
        total.snapshot_gib += usage.snapshot_gib;
    }
    let rows = projects.iter().map(|(project, usage)| view(host, project, usage));
    let all: Vec<Value> = std::iter::once(view(host, "(total)", &total)).chain(rows).collect();
    Ok(Answer::ok(&json!({ "host": all })))
}

fn view(host: &str, project: &str, usage: &HostUsage) -> Value {
    json!({ "resource": {
        "host": host,
        "project": project,
        "volume_count": usage.volumes.to_string(),
        "total_volume_gb": usage.volume_gib.to_string(),
        "snapshot_count": usage.snapshots.to_string(),
        "total_snapshot_gb": usage.snapshot_gib.to_string(),
    }})
}
