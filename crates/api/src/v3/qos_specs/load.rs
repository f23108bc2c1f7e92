//! Finding the QoS specs that a URL names.

use ashlar_db::{DbError, Tx, qos_specs};
use ashlar_operations::notify::events::Event;
use ashlar_types::{QosSpecs, QosSpecsId};
use serde_json::{Value, json};

use crate::fault::{Fault, FaultKind, TxFault};
use crate::letters;
use crate::request::Request;

/// The identity `{qos_id}`.
///
/// # Errors
/// 404 when it is none.
pub fn id(request: &Request) -> Result<QosSpecsId, Fault> {
    let text = request.param("qos_id");
    text.parse().map_err(|_| missing(text))
}

/// The specs `{qos_id}`.
///
/// # Errors
/// 404 when they are not there.
pub async fn one(request: &Request, tx: &mut Tx) -> Result<QosSpecs, TxFault> {
    let found = qos_specs::get(tx, id(request)?).await?;
    found.ok_or_else(|| missing(request.param("qos_id")).into())
}

/// 404 for specs.
pub fn missing(id: impl std::fmt::Display) -> Fault {
    Fault::new(FaultKind::NotFound, format!("No such QoS spec {id}."))
}

/// Tells of these specs: their identity, when they were made, and what else the event says.
///
/// # Errors
/// The database's.
pub async fn tell<const N: usize>(
    request: &Request,
    tx: &mut Tx,
    event: Event,
    id: QosSpecsId,
    more: [Option<(&str, Value)>; N],
) -> Result<(), DbError> {
    if !letters::new(request, request.app.clock.now()).are_wanted() {
        return Ok(());
    }
    let made = qos_specs::get(tx, id).await?.and_then(|found| found.created_at);
    let mut told = json!({ "id": id, "created_at": made.map(|at| at.to_string()) });
    for (key, value) in more.into_iter().flatten() {
        told[key] = value;
    }
    letters::plain(request, tx, event, || told).await
}
