//! What a backend can do, for those who write extra specs.

use ashlar_db::pools;
use ashlar_db::services::{self, ServiceFilter, VOLUME};
use ashlar_types::{BackendName, Pool};
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::endpoint::{Endpoint, Outcome};
use crate::fault::{Fault, FaultKind};
use crate::request::Request;
use crate::run;

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] =
    &[Endpoint::get("capabilities.show", "/capabilities/{host}", run!(show))
        .rule("volume_extension:capabilities")];

/// The properties that Cinder gives every backend: extra spec, title, what it does. All are booleans.
const PROPERTIES: [(&str, &str, &str); 4] = [
    ("thin_provisioning", "Thin Provisioning", "Space is taken only as it is written."),
    ("compression", "Compression", "Data is compressed."),
    ("qos", "QoS", "Quality of service is enforced by the backend."),
    ("replication_enabled", "Replication", "Data is replicated to another backend."),
];

/// From the backend's last report, which is there even while its service is not.
async fn show(request: &Request) -> Outcome {
    let host = request.param("host");
    let mut tx = request.app.db.read().await?;
    let filter = ServiceFilter {
        host: Some(host.to_owned()),
        binary: Some(VOLUME.to_owned()),
        ..ServiceFilter::default()
    };
    let found = services::list(&mut tx, &filter).await?.into_iter().next();
    let service = found
        .ok_or_else(|| Fault::new(FaultKind::NotFound, format!("Can't find service: {host}")))?;
    let backend = BackendName(service.host);
    let mut of_backend = pools::list_all(&mut tx).await?;
    of_backend.retain(|pool| pool.name.backend() == backend);
    Ok(Answer::ok(&view(&backend, &of_backend)))
}

/// A backend with several pools has no pool's name; what it says of itself stands in each of them.
fn view(backend: &BackendName, pools: &[Pool]) -> Value {
    let nothing = Map::new();
    let reported = pools.first().map_or(&nothing, |pool| &pool.stats.0);
    let fact = |key: &str| reported.get(key).cloned().unwrap_or_default();
    let pool_name = match pools {
        [only] => only.stats.text("pool_name"),
        _ => None,
    };
    let properties: Map<String, Value> = PROPERTIES
        .iter()
        .map(|(key, title, description)| {
            let property = json!({ "title": title, "description": description, "type": "boolean" });
            ((*key).to_owned(), property)
        })
        .collect();
    json!({
        "namespace": format!("OS::Storage::Capabilities::{backend}"),
        "vendor_name": fact("vendor_name"),
        "volume_backend_name": fact("volume_backend_name"),
        "pool_name": pool_name,
        "driver_version": fact("driver_version"),
        "storage_protocol": fact("storage_protocol"),
        "display_name": fact("display_name"),
        "description": fact("description"),
        "visibility": fact("visibility"),
        "replication_targets": reported.get("replication_targets").cloned().unwrap_or(json!([])),
        "properties": properties,
    })
}
