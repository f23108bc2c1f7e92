//! `PUT /os-services/failover_host` and `failover`: to another copy of a backend that is replicated. None of ours is, so
//! it is refused, as Cinder refuses it for such a backend. Cinder 29 has lost the route of `failover`.

use super::place;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;

/// What a service must be to be failed over.
const EXPECTED: [&str; 2] = ["enabled", "failed-over"];

/// Refuses, in Cinder's words where it would refuse too.
pub(super) async fn failover(request: &Request) -> Outcome {
    let place = place::require(&mut request.app.db.read().await?, request).await?;
    let now = request.app.clock.now();
    let down_time = request.app.operations.settings.service_down_time;
    let can = place.services.iter().any(|service| {
        let status = service.replication_status.as_deref().unwrap_or_default();
        EXPECTED.contains(&status) && service.is_up(now, down_time)
    });
    let (services, [enabled, failed_over]) = (place.shown(), EXPECTED);
    Err(Fault::invalid_input(if can {
        // What a row of an imported database says of the time when Cinder's driver served it.
        format!("No service could be changed: the driver of {services} does not replicate.")
    } else {
        format!(
            "No service could be changed: replication_status in {services} must be ['{enabled}', \
             '{failed_over}'] and must be up to failover."
        )
    }))
}
