//! `GET /attachments` and `GET /attachments/detail`.

use ashlar_db::attachments::{self, AttachmentColumn, AttachmentDetail};

use super::filter::{self, RULES};
use super::load;
use super::view::Listing;
use crate::answer::Answer;
use crate::bulk;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::filters::Filters;
use crate::paging::Paging;
use crate::request::Request;

/// Only what tells them apart.
pub(super) async fn brief(request: &Request) -> Outcome {
    let paging = Paging::of(request)?;
    let limit = paging.limit;
    bulk::apart(request, limit, async {
        Ok(Answer::ok(&Listing::brief(&found(request, paging).await?)))
    })
    .await
}

/// Everything.
pub(super) async fn detailed(request: &Request) -> Outcome {
    let paging = Paging::of(request)?;
    let limit = paging.limit;
    bulk::apart(request, limit, async {
        Ok(Answer::ok(&Listing::detailed(&found(request, paging).await?)))
    })
    .await
}

/// The page. As in Cinder, no link leads to the next one.
async fn found(request: &Request, paging: Paging) -> Result<Vec<AttachmentDetail>, Fault> {
    let filters = Filters::of(request, &RULES)?;
    let page = paging.page::<AttachmentColumn>(&[])?;
    let Some(filter) = filter::build(request, filters)? else { return Ok(Vec::new()) };
    let mut tx = request.app.db.read().await?;
    let found = attachments::list(&mut tx, &filter, &page).await?;
    found.ok_or_else(|| load::not_found(page.marker.as_deref().unwrap_or_default()))
}
