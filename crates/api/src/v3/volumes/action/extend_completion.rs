//! `os-extend_volume_completion`: with Cinder's drivers that leave the growing to Nova, Nova says here how it went.
//! No backend of ours leaves it to Nova, so no extend ever waits for this, and it is refused as Cinder refuses it for an
//! extend that does not wait.

use ashlar_operations::Refusal;
use ashlar_types::VolumeStatus;
use serde_json::json;

use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::volumes::load;

pub(super) static BODY: Body = Body::new(&[(0, || {
    let error = json!({ "error": { "type": ["string", "null", "boolean"] } });
    pieces::wrapped("os-extend_volume_completion", pieces::object(error, &[]))
})]);

/// Refuses.
pub(super) async fn complete(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&volume))?;
    let reason = if volume.status == VolumeStatus::Extending {
        "Required volume admin metadata is malformed or missing."
    } else {
        "Volume is not being extended."
    };
    Err(Refusal::invalid_volume(reason).into())
}
