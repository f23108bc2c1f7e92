//! `GET /consistencygroups` and `GET /consistencygroups/detail`.

use ashlar_db::group_details::{self, GroupColumn};
use ashlar_types::Group;
use serde::Serialize;

use super::view;
use crate::answer::Answer;
use crate::bulk;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::filters::{Filters, Rules};
use crate::links::Link;
use crate::paging::Paging;
use crate::request::Request;
use crate::v3::groups::list::filter;
use crate::version::v3;

/// Every column is a filter for everybody, at every microversion.
const RULES: Rules = Rules { resource: "group", since: &[], counts: false };

#[derive(Serialize)]
struct Listing<G> {
    consistencygroups: Vec<G>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consistencygroup_links: Option<[Link; 1]>,
}

/// Identity and name.
pub(super) async fn brief(request: &Request) -> Outcome {
    let paging = Paging::of(request)?;
    bulk::apart(request, paging.limit, async {
        let (found, links) = page(request, &paging, "consistencygroups").await?;
        let consistencygroups = found.iter().map(view::brief).collect();
        Ok(Answer::ok(&Listing { consistencygroups, consistencygroup_links: links }))
    })
    .await
}

/// Everything.
pub(super) async fn detailed(request: &Request) -> Outcome {
    let paging = Paging::of(request)?;
    bulk::apart(request, paging.limit, async {
        let (found, links) = page(request, &paging, "consistencygroups/detail").await?;
        let consistencygroups = found.iter().map(view::detailed).collect();
        Ok(Answer::ok(&Listing { consistencygroups, consistencygroup_links: links }))
    })
    .await
}

/// The groups of the page, of whatever type, and the link to what follows.
async fn page(
    request: &Request,
    paging: &Paging,
    collection: &str,
) -> Result<(Vec<Group>, Option<[Link; 1]>), Fault> {
    let page = paging.page::<GroupColumn>(&[])?;
    let all = request.query.clone();
    let query = if request.caller.is_admin { all } else { all.without("all_tenants") };
    let configured = &request.app.settings.resource_filters;
    let mut filters = Filters::read(&query, v3(0), true, configured, &RULES)?;
    let project = filters.project(&request.caller);
    let Some(filter) = filter(project, filters.list)? else { return Ok((Vec::new(), None)) };
    let mut tx = request.app.db.read().await?;
    let found = group_details::list(&mut tx, &filter, &page).await?;
    let found = found
        .ok_or_else(|| Fault::not_found("Group", page.marker.as_deref().unwrap_or_default()))?;
    let last = found.last().map(|group| group.id.to_string());
    let links = paging.next_link(request, collection, found.len(), last);
    Ok((found, links))
}
