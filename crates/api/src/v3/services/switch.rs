//! `PUT /os-services/enable`, `disable` and `disable-log-reason`. All three are kept; Cinder's first two
//! answer and keep nothing.

use ashlar_db::{DbError, services, transact};
use serde::Serialize;
use serde_json::Value;

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind};
use crate::request::Request;

/// The answer: the request again, and what came of it.
#[derive(Serialize)]
struct Switched<'r> {
    host: &'r str,
    service: &'r str,
    binary: &'r str,
    status: &'static str,
    disabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<Option<&'r str>>,
}

/// What is asked for.
#[derive(Clone, Copy)]
struct Wish<'r> {
    disabled: bool,
    /// Outer `None` where a reason is not asked for.
    reason: Option<Option<&'r str>>,
}

/// In again; a reason why it was out goes.
pub(super) async fn enable(request: &Request) -> Outcome {
    switch(request, Wish { disabled: false, reason: None }).await
}

/// Out, without a word why.
pub(super) async fn disable(request: &Request) -> Outcome {
    switch(request, Wish { disabled: true, reason: None }).await
}

/// Out, with a reason.
pub(super) async fn disable_with_reason(request: &Request) -> Outcome {
    let reason = text(request, "disabled_reason");
    switch(request, Wish { disabled: true, reason: Some(reason) }).await
}

async fn switch(request: &Request, Wish { disabled, reason }: Wish<'_>) -> Outcome {
    let [host, service, binary] =
        ["host", "service", "binary"].map(|key| text(request, key).unwrap_or_default());
    if host.is_empty() {
        return Err(Fault::invalid_input("Host field is missing."));
    }
    let kind = if binary.is_empty() { service } else { binary };
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let why = reason.flatten();
    let there: Result<bool, DbError> =
        transact!(db, tx => services::set_disabled(tx, host, kind, disabled, why, now).await);
    if !there? {
        let message = format!("Service {kind} could not be found on host {host}.");
        return Err(Fault::new(FaultKind::NotFound, message));
    }
    let status = if disabled { "disabled" } else { "enabled" };
    let answer = Switched { host, service, binary, status, disabled, disabled_reason: reason };
    Ok(Answer::ok(&answer))
}

fn text<'r>(request: &'r Request, key: &str) -> Option<&'r str> {
    request.body.get(key).and_then(Value::as_str)
}
