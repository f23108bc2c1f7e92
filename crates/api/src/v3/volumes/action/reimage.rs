//! `os-reimage` (3.68): give the volume the content of an image.

use ashlar_operations::reimage_volume;
use ashlar_types::VolumeStatus;
use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::v3::volumes::load;

const KEY: &str = "os-reimage";
/// A volume that is kept for a server has its own rule.
const RESERVED_RULE: &str = "volume:reimage_reserved";

pub(super) static BODY: Body = Body::new(&[(68, || {
    let properties = json!({ "image_id": pieces::uuid(), "reimage_reserved": pieces::boolean() });
    pieces::wrapped(KEY, pieces::object(properties, &["image_id"]))
})]);

/// Accepts the reimage.
pub(super) async fn reimage(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    let asked = request.object(KEY);
    // The rule follows the status that was seen, so the status must still be that one when it begins.
    let is_reserved = volume.status == VolumeStatus::Reserved;
    if is_reserved {
        request.authorize_by(RESERVED_RULE, &load::target(&volume))?;
    } else {
        request.authorize_on(&load::target(&volume))?;
    }
    let wants_reserved = asked.get("reimage_reserved").and_then(pieces::truth).unwrap_or_default();
    let from: &[VolumeStatus] = if is_reserved && wants_reserved {
        &[VolumeStatus::Reserved]
    } else {
        VolumeStatus::REIMAGEABLE
    };
    let image = asked.get("image_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let wish = reimage_volume::Request {
        volume_id: volume.id,
        image: image.ok_or_else(Fault::malformed_body)?,
        from,
    };
    reimage_volume::accept(&request.app.operations, &request.caller, wish).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
