//! `os-extend`: make a volume larger; from 3.42 on also one that is in use.

use ashlar_operations::extend_volume;
use ashlar_types::{Gib, VolumeStatus};
use http::StatusCode;
use serde_json::json;

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::v3::volumes::load;
use crate::version::v3;

/// The action of 3.42 that extends volumes in use has its own rule.
const IN_USE_RULE: &str = "volume:extend_attached_volume";

pub(super) static BODY: Body = Body::new(&[(0, || {
    let new_size = json!({ "new_size": pieces::size() });
    pieces::wrapped("os-extend", pieces::object(new_size, &["new_size"]))
})]);

/// Accepts the extend.
pub(super) async fn extend(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&volume))?;
    // The rule follows the status that was seen, so the status must still be that one when it begins.
    let from: &[VolumeStatus] = if volume.status == VolumeStatus::InUse && request.version >= v3(42)
    {
        request.require_on(IN_USE_RULE, &load::target(&volume))?;
        &[VolumeStatus::InUse]
    } else {
        VolumeStatus::EXTENDABLE
    };
    let new_size = request.object("os-extend").get("new_size").and_then(pieces::read_size);
    let new_size = Gib(new_size.ok_or_else(Fault::malformed_body)?);
    let (operations, caller) = (&request.app.operations, &request.caller);
    extend_volume::accept(operations, caller, volume.id, new_size, from).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
