//! `os-set_image_metadata`, `os-unset_image_metadata`, `os-show_image_metadata`: what is kept of the image
//! that a volume was made from.

use ashlar_db::metadata::{self, Of};
use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind};
use crate::request::Request;
use crate::v3::volumes::metadata::{Change, Condition, Written, write};
use crate::v3::volumes::{body, load};

pub(super) static SET: Body = Body::new(&[(0, || {
    let metadata = json!({ "metadata": pieces::image_metadata() });
    pieces::wrapped("os-set_image_metadata", pieces::object(metadata, &["metadata"]))
})]);

pub(super) static UNSET: Body = Body::new(&[(0, || {
    let key = json!({ "key": pieces::short_string() });
    pieces::wrapped("os-unset_image_metadata", pieces::object(key, &["key"]))
})]);

pub(super) static SHOW: Body =
    Body::new(&[(0, || pieces::action_without_value("os-show_image_metadata"))]);

/// Sets the given pairs and leaves the others; answers all.
pub(super) async fn set(request: &Request) -> Outcome {
    let volume = load::row_by_own_rule(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&volume))?;
    request.require_on("volume:update_volume_metadata", &load::target(&volume))?;
    let wanted = body::metadata(request.object("os-set_image_metadata"), "metadata");
    let (wanted, of) = (wanted.unwrap_or_default(), Of::VolumeImage(volume.id));
    let written = write(request, volume.id, of, Change::Merge(&wanted), &Condition::None).await?;
    match written {
        Written::Done(metadata) => Ok(Answer::ok(&json!({ "metadata": metadata }))),
        Written::Stale | Written::NoKey => Err(none(request)),
    }
}

/// Removes one pair.
pub(super) async fn unset(request: &Request) -> Outcome {
    let volume = load::row_by_own_rule(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&volume))?;
    request.require_on("volume:delete_volume_metadata", &load::target(&volume))?;
    let key = request.object("os-unset_image_metadata").get("key").and_then(Value::as_str);
    let key = key.ok_or_else(Fault::malformed_body)?;
    let of = Of::VolumeImage(volume.id);
    let written = write(request, volume.id, of, Change::Remove(key), &Condition::None).await?;
    match written {
        Written::Done(_) => Ok(Answer::empty(StatusCode::OK)),
        Written::Stale | Written::NoKey => Err(none(request)),
    }
}

/// All pairs; 404 when there is none.
pub(super) async fn show(request: &Request) -> Outcome {
    let mut tx = request.app.db.read().await?;
    let volume = load::row(request, &mut tx).await?;
    request.authorize_on(&load::target(&volume))?;
    let metadata = metadata::get(&mut tx, Of::VolumeImage(volume.id)).await?;
    if metadata.is_empty() {
        return Err(none(request));
    }
    Ok(Answer::ok(&json!({ "metadata": metadata })))
}

fn none(request: &Request) -> Fault {
    let volume = request.param("volume_id");
    let message = format!("Glance metadata for volume/snapshot {volume} cannot be found.");
    Fault::new(FaultKind::NotFound, message)
}
