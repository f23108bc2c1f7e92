//! Lets requests in, as many as can be worked on, and turns the others away soon and in order.

use std::sync::Arc;
use std::time::Duration;

use ashlar_db::precedence::Precedence;
use ashlar_types::metric;
use http::Method;

use super::once;
use crate::app::App;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind};
use crate::gate::{Gate, Limits, Pass, Refused};
use crate::request::Request;

/// Whoever is turned away since the queues are full hears so after a pause: a client that asks again at once would
/// otherwise cost as much as the work itself.
const PAUSE: Duration = Duration::from_secs(2);
/// Whoever waited so long is turned away: clients give up after some time of their own and ask again.
const PATIENCE: Duration = Duration::from_secs(10);

/// What waits for a backend. Like [`BY_NEIGHBOUR`] it needs many places, as each may wait a minute, and must not have those
/// of the others.
pub(crate) const BY_BACKEND: &[&str] = &[
    "attachment.create",
    "attachment.delete",
    "attachment.update",
    "manageable-snapshot-legacy.detail",
    "manageable-snapshot-legacy.list",
    "manageable-snapshot.detail",
    "manageable-snapshot.list",
    "manageable-volume-legacy.detail",
    "manageable-volume-legacy.list",
    "manageable-volume.detail",
    "manageable-volume.list",
    "volume.action.attach",
    "volume.action.detach",
    "volume.action.force_detach",
    "volume.action.initialize_connection",
    "volume.action.terminate_connection",
];

/// What waits for Keystone, Glance or Nova.
const BY_NEIGHBOUR: &[&str] = &[
    "default_type.set",
    "default_type.show",
    "volume.action.reimage",
    "volume.action.upload_image",
];

/// The gates of this process.
#[derive(Debug)]
pub(crate) struct Gates {
    /// What only reads the database.
    reading: Gate,
    /// What changes it.
    writing: Gate,
    /// What waits for others.
    waiting: Gate,
}

impl Default for Gates {
    fn default() -> Self {
        let gate = |working, project| {
            Gate::new(Limits { working, waiting: 2048, project, patience: PATIENCE })
        };
        Self { reading: gate(48, 36), writing: gate(64, 48), waiting: gate(1024, 512) }
    }
}

/// The request's place among those that are worked on; it is given back when this is dropped.
///
/// # Errors
/// 429 when the queues are full, 503 when its turn did not come in time; both say when to try again.
pub(super) async fn admit(app: &App, request: &Request) -> Result<Pass, Fault> {
    let gate = gate(&app.gates, request);
    match gate.enter(request.project_or_user()).await {
        Ok(pass) => Ok(pass),
        Err(Refused::Full) => {
            metrics::counter!(metric::TURNED_AWAY, "reason" => "full").increment(1);
            tokio::time::sleep(PAUSE).await;
            let message = "Too many requests are waiting. Try again later.";
            Err(Fault::new(FaultKind::TooMany, message).retry_in(1))
        }
        Err(Refused::Late) => {
            metrics::counter!(metric::TURNED_AWAY, "reason" => "late").increment(1);
            Err(Fault::unavailable("The request waited for too long. Try again later.").retry_in(5))
        }
    }
}

/// Works on a request that was let in.
pub(super) async fn work_on(request: Request, query: &str, pass: Pass) -> Outcome {
    // In a box, since it is large and each layer around it would copy it.
    precedence(&pass).scope(Box::pin(once::handle(request, query, Arc::new(pass)))).await
}

/// Who asks for little goes ahead of those who ask for more than can be done.
fn precedence(pass: &Pass) -> Precedence {
    if pass.goes_ahead() { Precedence::Ahead } else { Precedence::InTurn }
}

fn gate<'g>(gates: &'g Gates, request: &Request) -> &'g Gate {
    let endpoint = request.endpoint();
    if BY_BACKEND.contains(&endpoint.op)
        || BY_NEIGHBOUR.contains(&endpoint.op)
        || is_from_image(request)
    {
        &gates.waiting
    } else if endpoint.method == Method::GET {
        &gates.reading
    } else {
        &gates.writing
    }
}

/// Glance is asked about the image before such a request is accepted.
fn is_from_image(request: &Request) -> bool {
    request.endpoint().op == "volume.create" && request.object("volume").contains_key("imageRef")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deeds_that_wait_are_named_as_in_the_tables() {
        let known: Vec<&str> =
            crate::v3::TABLES.iter().copied().flatten().map(|endpoint| endpoint.op).collect();
        for op in BY_BACKEND.iter().chain(BY_NEIGHBOUR) {
            assert!(known.contains(op), "{op}");
        }
    }
}
