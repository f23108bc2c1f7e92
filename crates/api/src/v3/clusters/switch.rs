//! `PUT /clusters/enable` and `disable`: the services of a disabled cluster are given no new volumes.

use ashlar_db::services::VOLUME;
use ashlar_db::{DbError, clusters, transact};
use serde::Serialize;
use serde_json::{Value, json};

use super::view::{Shown, Summary};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;

/// The short view, and the reason.
#[derive(Serialize)]
struct Switched<'c> {
    #[serde(flatten)]
    summary: Summary<'c>,
    disabled_reason: Option<&'c str>,
}

/// In again; a reason why it was out goes.
pub(super) async fn enable(request: &Request) -> Outcome {
    switch(request, false, None).await
}

/// Out, with a reason, perhaps.
pub(super) async fn disable(request: &Request) -> Outcome {
    let reason = request.body.get("disabled_reason").and_then(Value::as_str);
    switch(request, true, reason.map(str::trim)).await
}

async fn switch(request: &Request, disabled: bool, reason: Option<&str>) -> Outcome {
    let text = |key: &str| request.body.get(key).and_then(Value::as_str);
    let name = text("name").unwrap_or_default();
    let binary = text("binary").unwrap_or(VOLUME);
    let shown = Shown::to(request);
    let db = &request.app.db;
    let now = db.engine().storable(shown.now);
    let seen = (shown.now, shown.down_time);
    let changed: Result<_, DbError> = transact!(db, tx => async {
        clusters::set_disabled(tx, (name, binary), disabled, reason, now).await?;
        clusters::get(tx, name, binary, seen).await
    }.await);
    let Some(cluster) = changed? else { return Err(not_found(name, binary)) };
    let view = Switched { summary: shown.summary(&cluster), disabled_reason: reason };
    Ok(Answer::ok(&json!({ "cluster": view })))
}

/// 404; Cinder shows what it looked for in Python's form.
pub(super) fn not_found(name: &str, binary: &str) -> Fault {
    Fault::not_found("Cluster", format!("{{'binary': '{binary}', 'name': '{name}'}}"))
}
