//! `revert` (3.40): take the volume back to its newest snapshot.

use ashlar_operations::revert_volume;
use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::volumes::load;

const KEY: &str = "revert";

/// The snapshot need not be named for the body to be in order; it is refused afterwards, as in Cinder.
pub(super) static BODY: Body = Body::new(&[(40, || {
    pieces::wrapped(
        KEY,
        json!({ "type": "object", "properties": { "snapshot_id": { "type": ["string", "null"] } } }),
    )
})]);

/// Accepts the revert.
pub(super) async fn revert(request: &Request) -> Outcome {
    let volume = load::row_by_own_rule(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&volume))?;
    let asked = request.object(KEY).get("snapshot_id").and_then(Value::as_str);
    let (operations, caller) = (&request.app.operations, &request.caller);
    revert_volume::accept(operations, caller, volume.id, asked.map(str::to_owned)).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
