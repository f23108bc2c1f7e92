//! `GET /snapshots/{snapshot_id}`.

use super::load;
use super::view::Shown;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// One snapshot with everything that the caller may see.
pub(super) async fn show(request: &Request) -> Outcome {
    let snapshot = load::detail(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&snapshot.snapshot))?;
    Ok(Answer::ok(&Shown::extended(request).wrapped(&snapshot)))
}
