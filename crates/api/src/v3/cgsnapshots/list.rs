//! `GET /cgsnapshots` and `GET /cgsnapshots/detail`: the project's own, newest first. Only `limit` and `offset` count.

use ashlar_db::group_snapshots::{self, GroupSnapshotFilter, GroupSnapshotPage};
use ashlar_types::GroupSnapshot;
use serde::Serialize;

use super::view;
use crate::answer::Answer;
use crate::bulk;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::paging::Paging;
use crate::request::Request;

#[derive(Serialize)]
struct Listing<S> {
    cgsnapshots: Vec<S>,
}

/// Identity and name.
pub(super) async fn brief(request: &Request) -> Outcome {
    let paging = Paging::of(request)?;
    bulk::apart(request, paging.limit, async {
        let found = page(request, &paging).await?;
        Ok(Answer::ok(&Listing { cgsnapshots: found.iter().map(view::brief).collect() }))
    })
    .await
}

/// Everything.
pub(super) async fn detailed(request: &Request) -> Outcome {
    let paging = Paging::of(request)?;
    bulk::apart(request, paging.limit, async {
        let found = page(request, &paging).await?;
        Ok(Answer::ok(&Listing { cgsnapshots: found.iter().map(view::detailed).collect() }))
    })
    .await
}

async fn page(request: &Request, paging: &Paging) -> Result<Vec<GroupSnapshot>, Fault> {
    // A limit of nothing asks for the longest page here.
    let longest = request.app.settings.osapi_max_limit;
    let limit = if paging.limit == 0 { longest } else { paging.limit };
    let page = GroupSnapshotPage {
        limit: Some(limit as u64),
        offset: paging.offset as u64,
        ..GroupSnapshotPage::default()
    };
    let filter = GroupSnapshotFilter::of_project(&request.caller.project_id);
    let mut tx = request.app.db.read().await?;
    Ok(group_snapshots::list(&mut tx, &filter, &page).await?.unwrap_or_default())
}
