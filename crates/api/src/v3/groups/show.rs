//! `GET /groups/{group_id}`.

use ashlar_db::group_details;

use super::load;
use super::view::{Shown, wrapped};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;

/// One group with everything that the caller may see.
pub(super) async fn show(request: &Request) -> Outcome {
    let mut tx = request.app.db.read().await?;
    let group = load::generic_row(request, &mut tx).await?;
    request.authorize_on(&load::target(&group))?;
    let shown = Shown::detailed(request)?;
    let members = if shown.with_volumes {
        group_details::members_of_many(&mut tx, &[group.id]).await?
    } else {
        Vec::new()
    };
    let volumes = members.into_iter().map(|(_, volume)| volume).collect();
    Ok(Answer::ok(&wrapped(shown.view(&group, volumes))))
}
