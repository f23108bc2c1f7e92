//! `GET /types`.

use ashlar_db::volume_types::{self, TypeColumn};
use serde::Serialize;

use super::filter;
use super::load;
use super::view::{Shown, TypeView};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::links::Link;
use crate::paging::Paging;
use crate::request::Request;

#[derive(Serialize)]
struct Listing<'t> {
    volume_types: Vec<TypeView<'t>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_type_links: Option<[Link; 1]>,
}

/// The types that the caller may use.
pub(super) async fn list(request: &Request) -> Outcome {
    let paging = Paging::of(request)?;
    let page = paging.page::<TypeColumn>(&[])?;
    let found = match filter::build(request)? {
        Some(filter) => volume_types::list(&mut request.app.db.read().await?, &filter, &page)
            .await?
            .ok_or_else(|| load::missing(page.marker.as_deref().unwrap_or_default()))?,
        None => Vec::new(),
    };
    let last = found.last().map(|last| last.id.to_string());
    let volume_type_links = paging.next_link(request, "types", found.len(), last);
    let shown = Shown::in_full(request);
    let volume_types = found.iter().map(|found| shown.view(found)).collect();
    Ok(Answer::ok(&Listing { volume_types, volume_type_links }))
}
