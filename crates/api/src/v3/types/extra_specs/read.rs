//! `GET /types/{type_id}/extra_specs` and `GET /types/{type_id}/extra_specs/{key}`.

use ashlar_types::volume_type::ExtraSpecs;
use serde_json::json;

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind};
use crate::request::Request;
use crate::v3::types::load;
use crate::v3::types::view::visible_specs;

/// The specs that the caller may see.
pub(in crate::v3::types) async fn list(request: &Request) -> Outcome {
    let specs = seen(request).await?;
    Ok(Answer::ok(&json!({ "extra_specs": specs })))
}

/// One spec, bare. A hidden one is not there.
pub(in crate::v3::types) async fn show(request: &Request) -> Outcome {
    let key = request.param("key");
    let specs = seen(request).await?;
    let value = specs.get(key).ok_or_else(|| missing(request))?;
    Ok(Answer::ok(&json!({ key: value })))
}

async fn seen(request: &Request) -> Result<ExtraSpecs, Fault> {
    let found = load::one(request, &mut request.app.db.read().await?).await?;
    Ok(visible_specs(request, found.extra_specs))
}

/// 404 for a spec.
pub(super) fn missing(request: &Request) -> Fault {
    let (id, key) = (request.param("type_id"), request.param("key"));
    Fault::new(FaultKind::NotFound, format!("Volume Type {id} has no extra specs with key {key}."))
}
