//! `GET /snapshots` and `GET /snapshots/detail`.

use ashlar_db::snapshot_details::{self, SnapshotColumn};
use serde::Serialize;

use super::filter::{self, RULES};
use super::view::{Shown, SnapshotView};
use crate::answer::Answer;
use crate::bulk;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::filters::Filters;
use crate::links::Link;
use crate::paging::Paging;
use crate::request::Request;
use crate::version::{Version, v3};

/// From here on a list may be sorted by name.
const SORT_BY_NAME: Version = v3(30);

#[derive(Serialize)]
struct Listing<'s> {
    snapshots: Vec<SnapshotView<'s>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshots_links: Option<[Link; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

/// What the API calls otherwise than the table.
fn renamed(version: Version) -> &'static [(&'static str, &'static str)] {
    if version >= SORT_BY_NAME { &[("name", "display_name")] } else { &[] }
}

/// Without the fields that came after 3.0.
pub(super) async fn brief(request: &Request) -> Outcome {
    apart(request, "snapshots", &Shown::brief(request)).await
}

/// Everything.
pub(super) async fn detailed(request: &Request) -> Outcome {
    apart(request, "snapshots/detail", &Shown::extended(request)).await
}

async fn apart(request: &Request, collection: &str, shown: &Shown) -> Outcome {
    let paging = Paging::of(request)?;
    let limit = paging.limit;
    bulk::apart(request, limit, list(request, paging, collection, shown)).await
}

async fn list(request: &Request, paging: Paging, collection: &str, shown: &Shown) -> Outcome {
    let filters = Filters::of(request, &RULES)?;
    let with_count = filters.with_count;
    let page = paging.page::<SnapshotColumn>(renamed(request.version))?;
    let filter = filter::build(request, filters)?;
    let mut tx = request.app.db.read().await?;
    let (found, count) = match &filter {
        None => (Vec::new(), 0),
        Some(filter) => {
            let no_marker =
                || Fault::not_found("Snapshot", page.marker.as_deref().unwrap_or_default());
            let found = snapshot_details::list(&mut tx, filter, &page).await?;
            let count =
                if with_count { snapshot_details::count(&mut tx, filter).await? } else { 0 };
            (found.ok_or_else(no_marker)?, count)
        }
    };
    // With a count, Cinder compares the limit with all that match.
    let items = found.len().max(usize::try_from(count).unwrap_or(usize::MAX));
    let last = found.last().map(|detail| detail.snapshot.id.to_string());
    Ok(Answer::ok(&Listing {
        snapshots: found.iter().map(|detail| shown.view(detail)).collect(),
        snapshots_links: paging.next_link(request, collection, items, last),
        count: with_count.then_some(count),
    }))
}
