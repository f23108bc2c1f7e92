//! `GET /os-services`.

use std::collections::HashMap;
use std::time::Duration;

use ashlar_db::services::{self, ServiceFilter, VOLUME};
use ashlar_db::{Tx, pools};
use ashlar_types::{BackendName, Service, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::version::{Version, v3};

/// From here on with the cluster.
const CLUSTER: Version = v3(7);
/// From here on with the backend's own word on its state.
const BACKEND_STATE: Version = v3(49);

/// One service. An outer `None` leaves the field out.
#[derive(Serialize)]
struct ServiceView<'s> {
    binary: &'s str,
    host: &'s str,
    zone: &'s str,
    status: &'static str,
    state: &'static str,
    updated_at: Option<String>,
    disabled_reason: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<Option<&'s str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backend_state: Option<Option<&'s str>>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    backend: Option<BackendView<'s>>,
}

/// What only a volume service has.
#[derive(Serialize)]
struct BackendView<'s> {
    replication_status: Option<&'s str>,
    active_backend_id: Option<&'s str>,
    frozen: bool,
}

/// What the view depends on beside the service.
struct Shown {
    version: Version,
    now: Timestamp,
    down_time: Duration,
    /// State of each backend whose service takes new volumes.
    states: HashMap<BackendName, String>,
}

/// All services, or those on a host or of a kind.
pub(super) async fn list(request: &Request) -> Outcome {
    // Cinder's refusal here comes from its database layer, in other words than a rule's.
    request.authorize().map_err(|_| Fault::admin_required())?;
    let wish = |key: &str| request.query.get(key).map(str::to_owned);
    let filter = ServiceFilter {
        host: wish("host").filter(|host| !host.is_empty()),
        binary: wish("binary"),
        ..ServiceFilter::default()
    };
    let now = request.app.clock.now();
    let down_time = request.app.operations.settings.service_down_time;
    let mut tx = request.app.db.read().await?;
    let found = services::list(&mut tx, &filter).await?;
    let states = if request.version >= BACKEND_STATE {
        states(&mut tx, now, down_time).await?
    } else {
        HashMap::new()
    };
    let shown = Shown { version: request.version, now, down_time, states };
    let views: Vec<ServiceView<'_>> = found.iter().map(|service| shown.view(service)).collect();
    Ok(Answer::ok(&json!({ "services": views })))
}

/// What backends say of themselves. One that says nothing is up.
async fn states(
    tx: &mut Tx,
    now: Timestamp,
    down_time: Duration,
) -> Result<HashMap<BackendName, String>, Fault> {
    let active = pools::list_usable(tx, now, down_time).await?;
    let state =
        |reported: Option<&Value>| reported.and_then(Value::as_str).unwrap_or("up").to_owned();
    Ok(active
        .into_iter()
        .map(|pool| (pool.name.backend(), state(pool.stats.get("backend_state"))))
        .collect())
}

impl Shown {
    fn view<'s>(&'s self, service: &'s Service) -> ServiceView<'s> {
        let is_volume = service.binary == VOLUME;
        let backend_state = || {
            let backend = BackendName(service.host.clone());
            self.states.get(&backend).map(String::as_str)
        };
        let is_up = service.is_up(self.now, self.down_time);
        ServiceView {
            binary: &service.binary,
            host: &service.host,
            zone: &service.availability_zone,
            status: if service.disabled { "disabled" } else { "enabled" },
            state: if is_up { "up" } else { "down" },
            // Cinder shows whichever came last, heartbeat or change.
            updated_at: service.updated_at.max(service.modified_at).map(|at| at.to_string()),
            disabled_reason: service.disabled_reason.as_deref(),
            cluster: (self.version >= CLUSTER).then_some(service.cluster_name.as_deref()),
            backend_state: (is_volume && self.version >= BACKEND_STATE).then(backend_state),
            backend: is_volume.then_some(BackendView {
                replication_status: service.replication_status.as_deref(),
                active_backend_id: service.active_backend_id.as_deref(),
                frozen: service.frozen,
            }),
        }
    }
}
