//! `PUT /os-services/freeze` and `thaw`: a frozen backend keeps what it has and takes nothing new.

use ashlar_db::services::{self, ServiceFilter, VOLUME};
use ashlar_db::{DbError, transact};
use ashlar_types::BackendName;
use http::StatusCode;
use serde_json::Value;

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::version::{Version, v3};

/// From here on a cluster may be named instead of a host.
const CLUSTER: Version = v3(26);

/// Freezes.
pub(super) async fn freeze(request: &Request) -> Outcome {
    set(request, true).await
}

/// Thaws.
pub(super) async fn thaw(request: &Request) -> Outcome {
    set(request, false).await
}

async fn set(request: &Request, frozen: bool) -> Outcome {
    let db = &request.app.db;
    let backend = backend(request).await?;
    let now = db.engine().storable(request.app.clock.now());
    let changed: Result<bool, DbError> =
        transact!(db, tx => services::set_frozen(tx, &backend, frozen, now).await);
    if changed? {
        return Ok(Answer::empty(StatusCode::OK));
    }
    let expected = if frozen { "False" } else { "True" };
    Err(Fault::invalid_input(format!("frozen in {backend} must be {expected} to failover.")))
}

/// The one backend that the request names.
async fn backend(request: &Request) -> Result<BackendName, Fault> {
    let text = |key: &str| request.body.get(key).and_then(Value::as_str).unwrap_or_default();
    let host = text("host");
    let with_cluster = request.version >= CLUSTER;
    let cluster = if with_cluster { text("cluster") } else { "" };
    match (host.is_empty(), cluster.is_empty()) {
        (false, true) => {}
        // No service here is in a cluster.
        (true, false) => {
            let message = format!("No service found with cluster={cluster}");
            return Err(Fault::invalid_input(message));
        }
        _ if with_cluster => {
            return Err(Fault::invalid_input("One and only one of cluster and host must be set."));
        }
        _ => return Err(Fault::invalid_input("Host field is missing.")),
    }
    let filter = ServiceFilter {
        host: Some(host.to_owned()),
        binary: Some(VOLUME.to_owned()),
        ..ServiceFilter::default()
    };
    let mut found = services::list(&mut request.app.db.read().await?, &filter).await?.into_iter();
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(BackendName(only.host)),
        (None, _) => Err(Fault::invalid_input(format!("No service found with host={host}"))),
        _ => Err(Fault::bad_request("Services from different clusters found.")),
    }
}
