//! `GET /group_snapshots` and `GET /group_snapshots/detail`.

use ashlar_db::group_snapshots::{self, GroupSnapshotColumn, GroupSnapshotFilter};
use ashlar_db::listing::{Columns as _, Test};
use ashlar_types::GroupSnapshot;
use serde::Serialize;

use super::view::{self, Shown};
use crate::answer::Answer;
use crate::bulk;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::filters::{Filter, Filters, Rules, ensure_bounded};
use crate::links::Link;
use crate::paging::Paging;
use crate::query::Query;
use crate::request::Request;
use crate::v3::groups::load::reserved_type;
use crate::version::{Version, v3};

const RULES: Rules = Rules { resource: "group_snapshot", since: &[], counts: false };
/// From here on the query is read: pages, order, filters. Below, even an administrator's `all_tenants` is not.
const QUERY: Version = v3(29);

#[derive(Serialize)]
struct Listing<S> {
    group_snapshots: Vec<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_snapshot_links: Option<[Link; 1]>,
}

/// Identity and name.
pub(super) async fn brief(request: &Request) -> Outcome {
    let query = query(request)?;
    let paging = Paging::read(&query, request.app.settings.osapi_max_limit)?;
    bulk::apart(request, paging.limit, async {
        let (found, links) = page(request, &query, &paging, "group_snapshots").await?;
        let group_snapshots = found.iter().map(view::brief).collect();
        Ok(Answer::ok(&Listing { group_snapshots, group_snapshot_links: links }))
    })
    .await
}

/// Everything.
pub(super) async fn detailed(request: &Request) -> Outcome {
    let query = query(request)?;
    let paging = Paging::read(&query, request.app.settings.osapi_max_limit)?;
    let shown = Shown::detailed(request);
    bulk::apart(request, paging.limit, async {
        let (found, links) = page(request, &query, &paging, "group_snapshots/detail").await?;
        let group_snapshots = found.iter().map(|found| shown.view(found)).collect();
        Ok(Answer::ok(&Listing { group_snapshots, group_snapshot_links: links }))
    })
    .await
}

fn query(request: &Request) -> Result<Query, Fault> {
    if request.version >= QUERY { Ok(request.query.clone()) } else { Query::parse("") }
}

/// The group snapshots of the page, and the link to what follows.
async fn page(
    request: &Request,
    query: &Query,
    paging: &Paging,
    collection: &str,
) -> Result<(Vec<GroupSnapshot>, Option<[Link; 1]>), Fault> {
    let page = paging.page::<GroupSnapshotColumn>(&[])?;
    let configured = &request.app.settings.resource_filters;
    let is_admin = request.caller.is_admin;
    let mut filters = Filters::read(query, request.version, is_admin, configured, &RULES)?;
    let project = filters.project(&request.caller);
    let Some(filter) = filter(project, filters.list)? else { return Ok((Vec::new(), None)) };
    let mut tx = request.app.db.read().await?;
    // Those of consistency groups have a list of their own.
    let but = reserved_type(&mut tx).await?;
    let found = group_snapshots::list_but(&mut tx, &filter, but, &page).await?;
    let found = found.ok_or_else(|| {
        Fault::not_found("GroupSnapshot", page.marker.as_deref().unwrap_or_default())
    })?;
    let last = found.last().map(|found| found.id.to_string());
    let links = paging.next_link(request, collection, found.len(), last);
    Ok((found, links))
}

/// The database's filter; none when some key is no column, which Cinder answers by an empty list.
fn filter(project: Option<&str>, list: Vec<Filter>) -> Result<Option<GroupSnapshotFilter>, Fault> {
    let mut built = GroupSnapshotFilter {
        project_id: project.map(str::to_owned),
        ..GroupSnapshotFilter::default()
    };
    for Filter { key, value, like } in list {
        let Some(column) = GroupSnapshotColumn::named(&key) else { return Ok(None) };
        let test = if like { Test::Contains(value) } else { Test::Is(value) };
        built.tests.push((column, test));
    }
    ensure_bounded(&built)?;
    Ok(Some(built))
}
