//! Reading metadata: the whole map and one pair.

use ashlar_db::metadata::{self, Of};
use ashlar_types::Metadata;
use http::StatusCode;
use http::header::{CONTENT_TYPE, ETAG, HeaderValue};
use serde_json::json;

use super::etag;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind};
use crate::request::Request;
use crate::v3::volumes::load;

/// The whole map, from 3.15 with its tag.
pub(super) async fn list(request: &Request) -> Outcome {
    let metadata = pairs(request).await?;
    if !etag::is_sent(request.version) {
        return Ok(Answer::ok(&json!({ "metadata": metadata })));
    }
    // The very text that the tag is computed from.
    let text = etag::text(&metadata);
    let tag = HeaderValue::try_from(etag::tag(&text)).map_err(Fault::internal)?;
    Ok(Answer::text(StatusCode::OK, text)
        .with_header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .with_header(ETAG, tag))
}

/// One pair.
pub(super) async fn show(request: &Request) -> Outcome {
    let key = request.param("key");
    match pairs(request).await?.get(key) {
        Some(value) => Ok(Answer::ok(&json!({ "meta": { key: value } }))),
        None => Err(no_key(request)),
    }
}

/// 404 for a key that the volume does not have.
pub(super) fn no_key(request: &Request) -> Fault {
    let (volume, key) = (request.param("volume_id"), request.param("key"));
    Fault::new(FaultKind::NotFound, format!("Volume {volume} has no metadata with key {key}."))
}

async fn pairs(request: &Request) -> Result<Metadata, Fault> {
    let mut tx = request.app.db.read().await?;
    let volume = load::row(request, &mut tx).await?;
    request.authorize_on(&load::target(&volume))?;
    Ok(metadata::get(&mut tx, Of::Volume(volume.id)).await?)
}
