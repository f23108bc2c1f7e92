//! `GET /group_snapshots/{group_snapshot_id}`.

use super::load;
use super::view::{Shown, wrapped};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// One group snapshot with everything that the caller may see.
pub(super) async fn show(request: &Request) -> Outcome {
    let found = load::generic_row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&found))?;
    Ok(Answer::ok(&wrapped(Shown::detailed(request).view(&found))))
}
