//! `GET /group_types`.

use ashlar_db::group_types::{self, GroupTypeColumn};
use serde::Serialize;

use super::load;
use super::view::{GroupTypeView, Shown};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::links::Link;
use crate::paging::Paging;
use crate::request::Request;
use crate::v3::types::filter::visibility;

#[derive(Serialize)]
struct Listing<'t> {
    group_types: Vec<GroupTypeView<'t>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_type_links: Option<[Link; 1]>,
}

/// The types that the caller may use. An administrator may ask for private ones; there are no other filters.
pub(super) async fn list(request: &Request) -> Outcome {
    let paging = Paging::of(request)?;
    let page = paging.page::<GroupTypeColumn>(&[])?;
    let caller = &request.caller;
    let is_public = request.query.get("is_public").filter(|_| caller.is_admin);
    let visibility = visibility(&caller.project_id, is_public)?;
    let found = group_types::list(&mut request.app.db.read().await?, &visibility, &page)
        .await?
        .ok_or_else(|| load::missing(page.marker.as_deref().unwrap_or_default()))?;
    let last = found.last().map(|last| last.id.to_string());
    let group_type_links = paging.next_link(request, "group_types", found.len(), last);
    let shown = Shown::to(request);
    let group_types = found.iter().map(|found| shown.view(found)).collect();
    Ok(Answer::ok(&Listing { group_types, group_type_links }))
}
