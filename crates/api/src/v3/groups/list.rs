//! `GET /groups` and `GET /groups/detail`.

use std::collections::HashMap;

use ashlar_db::group_details::{self, GroupColumn, GroupFilter};
use ashlar_db::listing::{Columns as _, Test};
use ashlar_types::{Group, GroupId, VolumeId};
use serde::Serialize;

use super::load;
use super::view::{self, Shown};
use crate::answer::Answer;
use crate::bulk;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::filters::{Filter, Filters, Rules, ensure_bounded};
use crate::links::Link;
use crate::paging::Paging;
use crate::request::Request;

const RULES: Rules = Rules { resource: "group", since: &[], counts: false };

#[derive(Serialize)]
struct Listing<G> {
    groups: Vec<G>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_links: Option<[Link; 1]>,
}

/// Identity and name.
pub(super) async fn brief(request: &Request) -> Outcome {
    let paging = Paging::of(request)?;
    bulk::apart(request, paging.limit, async {
        let (found, group_links) = page(request, &paging, "groups").await?;
        let groups = found.iter().map(view::brief).collect();
        Ok(Answer::ok(&Listing { groups, group_links }))
    })
    .await
}

/// Everything.
pub(super) async fn detailed(request: &Request) -> Outcome {
    let paging = Paging::of(request)?;
    let shown = Shown::detailed(request)?;
    bulk::apart(request, paging.limit, async {
        let (found, group_links) = page(request, &paging, "groups/detail").await?;
        let mut volumes = volumes(request, &shown, &found).await?;
        let view = |group| {
            let group: &Group = group;
            shown.view(group, volumes.remove(&group.id).unwrap_or_default())
        };
        let groups = found.iter().map(view).collect();
        Ok(Answer::ok(&Listing { groups, group_links }))
    })
    .await
}

/// The groups of the page, and the link to what follows.
async fn page(
    request: &Request,
    paging: &Paging,
    collection: &str,
) -> Result<(Vec<Group>, Option<[Link; 1]>), Fault> {
    let page = paging.page::<GroupColumn>(&[])?;
    let query = request.query.without("list_volume");
    let configured = &request.app.settings.resource_filters;
    let is_admin = request.caller.is_admin;
    let mut filters = Filters::read(&query, request.version, is_admin, configured, &RULES)?;
    let project = filters.project(&request.caller);
    let Some(filter) = filter(project, filters.list)? else { return Ok((Vec::new(), None)) };
    let mut tx = request.app.db.read().await?;
    // Consistency groups of old have a list of their own.
    let but = load::reserved_type(&mut tx).await?;
    let found = group_details::list_but(&mut tx, &filter, but, &page).await?;
    let found = found
        .ok_or_else(|| Fault::not_found("Group", page.marker.as_deref().unwrap_or_default()))?;
    let last = found.last().map(|group| group.id.to_string());
    let links = paging.next_link(request, collection, found.len(), last);
    Ok((found, links))
}

/// The volumes of each of the groups, when they are asked for.
async fn volumes(
    request: &Request,
    shown: &Shown,
    groups: &[Group],
) -> Result<HashMap<GroupId, Vec<VolumeId>>, Fault> {
    let mut found: HashMap<GroupId, Vec<VolumeId>> = HashMap::new();
    if shown.with_volumes {
        let ids: Vec<GroupId> = groups.iter().map(|group| group.id).collect();
        let mut tx = request.app.db.read().await?;
        for (group, volume) in group_details::members_of_many(&mut tx, &ids).await? {
            found.entry(group).or_default().push(volume);
        }
    }
    Ok(found)
}

/// The database's filter; none when some key is no column, which Cinder answers by an empty list.
pub(in crate::v3) fn filter(
    project: Option<&str>,
    list: Vec<Filter>,
) -> Result<Option<GroupFilter>, Fault> {
    let mut built =
        GroupFilter { project_id: project.map(str::to_owned), ..GroupFilter::default() };
    for Filter { key, value, like } in list {
        let Some(column) = GroupColumn::named(&key) else { return Ok(None) };
        let test = if like { Test::Contains(value) } else { Test::Is(value) };
        built.tests.push((column, test));
    }
    ensure_bounded(&built)?;
    Ok(Some(built))
}
