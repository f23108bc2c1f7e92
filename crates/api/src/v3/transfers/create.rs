//! `POST /volume-transfers` and `POST /os-volume-transfer`.

use ashlar_db::volumes;
use ashlar_operations::transfers::{self, Request as Wish};
use ashlar_types::VolumeId;
use http::StatusCode;
use serde_json::Value;

use super::view;
use crate::answer::Answer;
use crate::body::pieces;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::v3::volumes::load::target;
use crate::version::v3;

/// From here on encrypted volumes may be offered.
const ENCRYPTED: u16 = 70;

/// Offers a volume. The answer has the key, which is shown nowhere else.
pub(super) async fn create(request: &Request) -> Outcome {
    let no_snapshots = request.object("transfer").get("no_snapshots").and_then(pieces::truth);
    offer(request, no_snapshots.unwrap_or(false), request.version >= v3(ENCRYPTED)).await
}

/// Offers a volume with its snapshots.
pub(super) async fn older(request: &Request) -> Outcome {
    offer(request, false, false).await
}

async fn offer(request: &Request, no_snapshots: bool, may_be_encrypted: bool) -> Outcome {
    let asked = request.object("transfer");
    let text = |key: &str| asked.get(key).and_then(Value::as_str);
    let id: VolumeId =
        text("volume_id").and_then(|text| text.parse().ok()).ok_or_else(Fault::malformed_body)?;
    let volume = volumes::get(&mut request.app.db.read().await?, id)
        .await?
        .filter(|volume| request.caller.may_see(&volume.project_id))
        .ok_or_else(|| Fault::not_found("Volume", id))?;
    request.authorize_on(&target(&volume))?;
    let wish = Wish {
        volume_id: id,
        name: text("name").map(|name| name.trim().to_owned()),
        no_snapshots,
        may_be_encrypted,
    };
    let (operations, caller) = (&request.app.operations, &request.caller);
    let (transfer, key) = transfers::create(operations, caller, &wish).await?;
    Ok(Answer::json(StatusCode::ACCEPTED, &view::created(request, &transfer, &key)))
}
