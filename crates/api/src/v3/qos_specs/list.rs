//! `GET /qos-specs`.

use ashlar_db::listing::{Columns as _, Test};
use ashlar_db::qos_specs::{self, CONSUMER, QosColumn, QosFilter};
use serde::Serialize;

use super::load;
use super::view::{COLLECTION, QosView};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::filters::{Filters, Rules, ensure_bounded};
use crate::links::Link;
use crate::paging::Paging;
use crate::request::Request;
use crate::version::v3;

const RULES: Rules = Rules { resource: "qos_specs", since: &[], counts: false };
/// What whoever is no administrator may filter by; other keys are ignored.
const OF_ALL: [&str; 3] = ["id", "name", "consumer"];

#[derive(Serialize)]
struct Listing<'s> {
    qos_specs: Vec<QosView<'s>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qos_specs_links: Option<[Link; 1]>,
}

/// All specs, or those that pass the filters. Cinder knows of `name` and `consumer` and finds nothing by them: they are no
/// columns there.
pub(super) async fn list(request: &Request) -> Outcome {
    let paging = Paging::of(request)?;
    let page = paging.page::<QosColumn>(&[("name", "value")])?;
    let found = match filter(request)? {
        Some(filter) => qos_specs::list(&mut request.app.db.read().await?, &filter, &page)
            .await?
            .ok_or_else(|| load::missing(page.marker.as_deref().unwrap_or_default()))?,
        None => Vec::new(),
    };
    let last = found.last().map(|last| last.id.to_string());
    let qos_specs_links = paging.next_link(request, COLLECTION, found.len(), last);
    let qos_specs = found.iter().map(QosView::of).collect();
    Ok(Answer::ok(&Listing { qos_specs, qos_specs_links }))
}

/// The database's filter; none for a key that nothing can match. The list is older than configurable filters and goes
/// without them, so it reads its filters at every microversion as the first did.
fn filter(request: &Request) -> Result<Option<QosFilter>, crate::fault::Fault> {
    let configured = &request.app.settings.resource_filters;
    // As an administrator's below 3.31, which nothing is dropped from.
    let filters = Filters::read(&request.query, v3(0), true, configured, &RULES)?;
    let mut built = QosFilter::default();
    for filter in filters.list {
        if !request.caller.is_admin && !OF_ALL.contains(&filter.key.as_str()) {
            continue;
        }
        match filter.key.as_str() {
            CONSUMER => drop(built.metadata.insert(CONSUMER.to_owned(), filter.value)),
            "name" => built.tests.push((QosColumn::Name, Test::Is(filter.value))),
            key => match QosColumn::named(key) {
                Some(column) => built.tests.push((column, Test::Is(filter.value))),
                None => return Ok(None),
            },
        }
    }
    ensure_bounded(&built)?;
    Ok(Some(built))
}
