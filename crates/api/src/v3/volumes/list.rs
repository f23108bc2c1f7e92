//! `GET /volumes` and `GET /volumes/detail`.

use ashlar_db::volume_details::{self, VolumeColumn, VolumeFilter, VolumePage};
use ashlar_db::{DbError, Tx};
use ashlar_types::VolumeId;
use serde::Serialize;

use super::filter::{self, RULES};
use super::view::Shown;
use crate::answer::Answer;
use crate::bulk;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::filters::Filters;
use crate::links::Link;
use crate::paging::Paging;
use crate::request::Request;

/// What the API calls otherwise than the table.
const RENAMED: &[(&str, &str)] = &[("name", "display_name")];

#[derive(Serialize)]
struct Listing<T> {
    volumes: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volumes_links: Option<[Link; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
}

#[derive(Serialize)]
struct Brief {
    id: VolumeId,
    name: Option<String>,
    links: [Link; 2],
}

/// What was asked.
struct Asked {
    paging: Paging,
    page: VolumePage,
    /// None when some filter cannot match anything.
    filter: Option<VolumeFilter>,
    with_count: bool,
}

impl Asked {
    fn read(request: &Request) -> Result<Self, Fault> {
        let paging = Paging::of(request)?;
        let filters = Filters::of(request, &RULES)?;
        let with_count = filters.with_count;
        let page = paging.page::<VolumeColumn>(RENAMED)?;
        Ok(Self { paging, page, filter: filter::build(request, filters)?, with_count })
    }

    async fn count(&self, tx: &mut Tx) -> Result<Option<u64>, DbError> {
        match &self.filter {
            _ if !self.with_count => Ok(None),
            None => Ok(Some(0)),
            Some(filter) => volume_details::count(tx, filter).await.map(Some),
        }
    }

    /// The link to the next page. With a count, Cinder compares the limit with all that match.
    fn next(
        &self,
        request: &Request,
        collection: &str,
        (items, last, count): (usize, Option<VolumeId>, Option<u64>),
    ) -> Option<[Link; 1]> {
        let all = count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
        let last = last.map(|id| id.to_string());
        self.paging.next_link(request, collection, items.max(all), last)
    }

    fn no_marker(&self) -> Fault {
        Fault::not_found("Volume", self.page.marker.as_deref().unwrap_or_default())
    }
}

/// Ids, names and links.
pub(super) async fn brief(request: &Request) -> Outcome {
    let asked = Asked::read(request)?;
    bulk::apart(request, asked.paging.limit, brief_of(request, &asked)).await
}

async fn brief_of(request: &Request, asked: &Asked) -> Outcome {
    let mut tx = request.app.db.read().await?;
    let found = match &asked.filter {
        Some(filter) => volume_details::list_summary(&mut tx, filter, &asked.page)
            .await?
            .ok_or_else(|| asked.no_marker())?,
        None => Vec::new(),
    };
    let count = asked.count(&mut tx).await?;
    let last = found.last().map(|(id, _)| *id);
    let volumes_links = asked.next(request, "volumes", (found.len(), last, count));
    let links = request.links();
    let volumes = found
        .into_iter()
        .map(|(id, name)| Brief { id, name, links: links.resource("volumes", id) })
        .collect();
    Ok(Answer::ok(&Listing { volumes, volumes_links, count }))
}

/// Everything.
pub(super) async fn detailed(request: &Request) -> Outcome {
    let asked = Asked::read(request)?;
    bulk::apart(request, asked.paging.limit, detailed_of(request, &asked)).await
}

async fn detailed_of(request: &Request, asked: &Asked) -> Outcome {
    let mut tx = request.app.db.read().await?;
    let found = match &asked.filter {
        Some(filter) => volume_details::list(&mut tx, filter, &asked.page)
            .await?
            .ok_or_else(|| asked.no_marker())?,
        None => Vec::new(),
    };
    let count = asked.count(&mut tx).await?;
    let last = found.last().map(|detail| detail.volume.id);
    let volumes_links = asked.next(request, "volumes/detail", (found.len(), last, count));
    let shown = Shown::with_extensions(request);
    let volumes = found.iter().map(|detail| shown.view(detail)).collect();
    Ok(Answer::ok(&Listing { volumes, volumes_links, count }))
}
