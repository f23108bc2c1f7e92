//! `GET /cgsnapshots/{id}`.

use super::view::{detailed, wrapped};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::group_snapshots::load;

/// One group snapshot of whatever type.
pub(super) async fn show(request: &Request) -> Outcome {
    let mut tx = request.app.db.read().await?;
    let found = load::named(request, &mut tx, request.param("id")).await?;
    request.authorize_on(&load::target(&found))?;
    Ok(Answer::ok(&wrapped(detailed(&found))))
}
