//! `GET /ashlar/v1/volumes/{volume_id}/placement`: the decisions about a volume, the newest last.

use ashlar_db::volumes;
use ashlar_operations::decisions_of::decisions_of;
use ashlar_types::VolumeId;
use serde_json::json;

use super::view;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;

/// Every decision with each pool's verdict. A volume that was deleted is known as long as its decisions are kept; one
/// that was never placed here has none.
pub(super) async fn explain(request: &Request) -> Outcome {
    let id: VolumeId = request.id("volume_id", "Volume")?;
    let decisions = decisions_of(&request.app.db, id).await?;
    if decisions.is_empty() {
        let mut tx = request.app.db.read().await?;
        if volumes::get(&mut tx, id).await?.is_none() {
            return Err(Fault::not_found("Volume", id.to_string()));
        }
    }
    let decisions: Vec<_> = decisions.iter().map(view::decision).collect();
    Ok(Answer::ok(&json!({ "decisions": decisions })))
}
