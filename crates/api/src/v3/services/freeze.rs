//! `PUT /os-services/freeze` and `thaw`: a frozen backend keeps what it has and takes nothing new.

use ashlar_db::services::{self, VOLUME};
use ashlar_db::{Tx, clusters, transact};
use ashlar_types::{BackendName, Timestamp};
use http::StatusCode;

use super::place;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, TxFault};
use crate::request::Request;

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
    let now = db.engine().storable(request.app.clock.now());
    let done: Result<(), TxFault> = transact!(db, tx => change(tx, request, frozen, now).await);
    done?;
    Ok(Answer::empty(StatusCode::OK))
}

async fn change(
    tx: &mut Tx,
    request: &Request,
    frozen: bool,
    now: Timestamp,
) -> Result<(), TxFault> {
    let place = place::require(tx, request).await?;
    let expected = if frozen { "False" } else { "True" };
    let refused = |which: &str, what: &str| {
        let message = format!("{which}frozen in {what} must be {expected} to failover.");
        TxFault::Refused(Fault::invalid_input(message))
    };
    if let Some(cluster) = &place.cluster {
        let changed = clusters::set_frozen(tx, (cluster.as_str(), VOLUME), frozen, now).await?;
        if !changed {
            return Err(refused("", cluster));
        }
    }
    let mut changed = false;
    for service in &place.services {
        let backend = BackendName(service.host.clone());
        changed |= services::set_frozen(tx, &backend, frozen, now).await?;
    }
    if !changed {
        return Err(refused("No service could be changed: ", &place.shown()));
    }
    Ok(())
}
