//! `GET /volume-transfers`, `GET /os-volume-transfer` and their `/detail`.
//!
//! Any column filters, for everybody: no list of filters names the resource, and Cinder looks for none. Pages and
//! order count from 3.59 on and on the newer path; before and elsewhere a list is oldest first, in one piece or cut
//! by `limit` and `offset`.

use ashlar_db::listing::{Columns as _, Direction, Test};
use ashlar_db::transfers::{self, TransferColumn, TransferFilter, TransferPage};
use ashlar_types::Transfer;
use serde::Serialize;

use super::load;
use super::view::{self, TransferView};
use crate::answer::Answer;
use crate::bulk;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::filters::{PAGING, ensure_bounded};
use crate::links::Link;
use crate::paging::Paging;
use crate::query::read_boolean;
use crate::request::Request;
use crate::version::v3;

/// From here on a list has pages and an order.
const PAGED: u16 = 59;

/// What the API calls otherwise than the table.
const RENAMED: &[(&str, &str)] = &[("name", "display_name")];

#[derive(Serialize)]
struct Listing<'t> {
    transfers: Vec<TransferView<'t>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transfers_links: Option<[Link; 1]>,
}

/// How an item is shown.
type View = for<'t> fn(&Request, &'t Transfer) -> TransferView<'t>;

/// Summaries.
pub(super) async fn brief(request: &Request) -> Outcome {
    answer(request, Some("volume-transfers"), view::brief).await
}

/// Everything.
pub(super) async fn detailed(request: &Request) -> Outcome {
    answer(request, Some("volume-transfers/detail"), view::detailed).await
}

/// Summaries, on the older path.
pub(super) async fn older_brief(request: &Request) -> Outcome {
    answer(request, None, view::brief).await
}

/// Everything, on the older path.
pub(super) async fn older_detailed(request: &Request) -> Outcome {
    answer(request, None, view::detailed).await
}

/// A list of the path `collection`, which has pages; of one that has none without it. Cinder's link to the next page
/// leads to the older path, where nobody reads its marker; ours to where it was asked.
async fn answer(request: &Request, collection: Option<&str>, view: View) -> Outcome {
    let paged = collection.filter(|_| request.version >= v3(PAGED));
    let (paging, page) = if paged.is_some() { pages(request)? } else { one_piece(request)? };
    bulk::apart(request, paging.limit, async {
        let found = match filter(request)? {
            Some(filter) => transfers::list(&mut request.app.db.read().await?, &filter, &page)
                .await?
                .ok_or_else(|| load::missing(page.marker.as_deref().unwrap_or_default()))?,
            None => Vec::new(),
        };
        let last = found.last().map(|transfer| transfer.id.to_string());
        let transfers_links =
            paged.and_then(|path| paging.next_link(request, path, found.len(), last));
        let transfers = found.iter().map(|transfer| view(request, transfer)).collect();
        Ok(Answer::ok(&Listing { transfers, transfers_links }))
    })
    .await
}

fn pages(request: &Request) -> Result<(Paging, TransferPage), Fault> {
    let paging = Paging::of(request)?;
    let page = paging.page(RENAMED)?;
    Ok((paging, page))
}

fn one_piece(request: &Request) -> Result<(Paging, TransferPage), Fault> {
    let unread = ["marker", "sort", "sort_key", "sort_dir"];
    let query = unread.iter().fold(request.query.clone(), |query, key| query.without(key));
    let paging = Paging::read(&query, request.app.settings.osapi_max_limit)?;
    let sort = vec![(TransferColumn::CreatedAt, Direction::Asc)];
    let page = TransferPage { sort, ..paging.page(&[])? };
    Ok((paging, page))
}

/// The database's filter; none when some key is no column, which Cinder answers by an empty list.
fn filter(request: &Request) -> Result<Option<TransferFilter>, Fault> {
    let (query, caller) = (&request.query, &request.caller);
    let all = query.get("all_tenants").and_then(read_boolean).unwrap_or(false) && caller.is_admin;
    let mut built = TransferFilter::default();
    for (key, value) in query.pairs().filter(|(key, _)| !PAGING.contains(key)) {
        match key {
            "all_tenants" => {}
            // of the volume; whoever sees one project alone cannot ask for another
            "project_id" => built.project_id = Some(value.to_owned()),
            _ => {
                let name = if key == "name" { "display_name" } else { key };
                let Some(column) = TransferColumn::named(name) else { return Ok(None) };
                built.tests.retain(|(known, _)| *known != column);
                built.tests.push((column, Test::Is(value.to_owned())));
            }
        }
    }
    if !all {
        built.project_id = Some(caller.project_id.clone());
    }
    ensure_bounded(&built)?;
    Ok(Some(built))
}
