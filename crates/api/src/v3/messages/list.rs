//! `GET /messages`.
//!
//! Cinder shows every project's messages to everybody. Here a list is the caller's project's, and all
//! projects' for an administrator who says `all_tenants`.

use ashlar_db::listing::{Columns as _, Test};
use ashlar_db::messages::{self, MessageColumn, MessageFilter};
use serde::Serialize;

use super::view::{MessageView, view};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::filters::{Filter, Filters, Rules};
use crate::links::Link;
use crate::paging::Paging;
use crate::query::Query;
use crate::request::Request;
use crate::version::{Version, v3};

/// From here on the query counts.
const PAGED: Version = v3(5);
const RULES: Rules = Rules { resource: "message", since: &[], counts: false };

#[derive(Serialize)]
struct Listing<'m> {
    messages: Vec<MessageView<'m>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages_links: Option<[Link; 1]>,
}

/// Messages, newest first unless the query says otherwise.
pub(super) async fn list(request: &Request) -> Outcome {
    let paged = request.version >= PAGED;
    let (paging, filters) = if paged {
        (Paging::of(request)?, Filters::of(request, &RULES)?)
    } else {
        let max_limit = request.app.settings.osapi_max_limit;
        (Paging::read(&Query::default(), max_limit)?, Filters::default())
    };
    let page = paging.page::<MessageColumn>(&[])?;
    let project = (!filters.all_tenants).then_some(request.caller.project_id.as_str());
    let found = match filter(project, filters.list) {
        Some(filter) => {
            messages::list(&mut request.app.db.read().await?, &filter, &page).await?.ok_or_else(
                || Fault::not_found("Message", page.marker.as_deref().unwrap_or_default()),
            )?
        }
        None => Vec::new(),
    };
    // Below 3.5 a marker would not be read, so there is no link to what follows.
    let last = found.last().filter(|_| paged).map(|message| message.id.to_string());
    let messages_links = paging.next_link(request, "messages", found.len(), last);
    let messages = found.iter().map(|message| view(message, request)).collect();
    Ok(Answer::ok(&Listing { messages, messages_links }))
}

/// The database's filter; none when some key is no column, which Cinder answers by an empty list.
fn filter(project: Option<&str>, list: Vec<Filter>) -> Option<MessageFilter> {
    let mut built =
        MessageFilter { project_id: project.map(str::to_owned), ..MessageFilter::default() };
    for Filter { key, value, like } in list {
        let column = MessageColumn::named(&key)?;
        let test = if like { Test::Contains(value) } else { Test::Is(value) };
        built.tests.push((column, test));
    }
    Some(built)
}
