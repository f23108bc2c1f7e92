//! `GET /volumes/{volume_id}`.

use super::load;
use super::view::Shown;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// One volume with everything that the caller may see.
pub(super) async fn show(request: &Request) -> Outcome {
    let volume = load::detail(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&volume.volume))?;
    Ok(Answer::ok(&Shown::with_extensions(request).wrapped(&volume)))
}
