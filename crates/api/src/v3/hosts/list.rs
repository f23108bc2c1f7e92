//! `GET /os-hosts`.

use ashlar_db::services::{self, ServiceFilter};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// The services that are enabled, of all zones or of one.
pub(super) async fn list(request: &Request) -> Outcome {
    let enabled = ServiceFilter { disabled: Some(false), ..ServiceFilter::default() };
    let found = services::list(&mut request.app.db.read().await?, &enabled).await?;
    let zone = request.query.get("zone").filter(|zone| !zone.is_empty());
    let now = request.app.clock.now();
    let down_time = request.app.operations.settings.service_down_time;
    let hosts: Vec<Value> = found
        .iter()
        .filter(|service| zone.is_none_or(|zone| service.availability_zone == zone))
        .map(|service| {
            let is_up = service.is_up(now, down_time);
            json!({
                "host_name": service.host,
                "service": service.topic,
                "zone": service.availability_zone,
                "service-status": if is_up { "available" } else { "unavailable" },
                "service-state": "enabled",
                "last-update": service.updated_at.map(|at| at.to_string()),
            })
        })
        .collect();
    Ok(Answer::ok(&json!({ "hosts": hosts })))
}
