//! `GET /consistencygroups/{id}`.

use super::view::{detailed, wrapped};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::groups::load;

/// One group of whatever type.
pub(super) async fn show(request: &Request) -> Outcome {
    let mut tx = request.app.db.read().await?;
    let group = load::named(request, &mut tx, request.param("id")).await?;
    request.authorize_on(&load::target(&group))?;
    Ok(Answer::ok(&wrapped(detailed(&group))))
}
