//! `DELETE /volumes/{volume_id}`, with `cascade` and, from 3.23, `force`.

use ashlar_operations::delete_volume::{self, How};
use http::StatusCode;

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::version::v3;

/// Accepts the removal of a volume.
pub(super) async fn delete(request: &Request) -> Outcome {
    let cascade = request.query.boolean("cascade", false)?;
    let force = request.version >= v3(23) && request.query.boolean("force", false)?;
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    if force {
        request.require_on("volume:force_delete", &load::target(&volume))?;
    }
    request.authorize_on(&load::target(&volume))?;
    let how = How { cascade, force };
    delete_volume::accept(&request.app.operations, &request.caller, volume.id, how).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}
