//! `GET /ashlar/v1/operations`: the newest first.

use ashlar_db::flows::{self, Filter, Listed};
use ashlar_flow::Phase;
use ashlar_operations::standing;
use ashlar_types::{FlowId, Timestamp};
use serde_json::{Value, json};

use super::events::Revision;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::links::Link;
use crate::paging::Paging;
use crate::query::read_boolean;
use crate::request::Request;

/// Operations that the query's filters leave, and the revision from which `/operations/events` tells what comes next.
pub(super) async fn list(request: &Request) -> Outcome {
    let paging = Paging::of(request)?;
    if !paging.sort.is_empty() || paging.offset > 0 {
        return Err(Fault::bad_request("Operations are listed newest first, without offset."));
    }
    let mut filter = filter(request)?;
    filter.limit = paging.limit;
    let from = Revision::at(request.app.clock.now());
    let found = if paging.limit == 0 { Vec::new() } else { find(request, &paging, filter).await? };
    let mut body = json!({
        "operations": found.iter().map(standing::summary).collect::<Value>(),
        "revision": from.to_string(),
    });
    if let Some(last) = found.get(paging.limit.saturating_sub(1)) {
        let query = request.query.with_marker(&last.record.id.to_string());
        let href = format!("{}?{query}", request.links().operations());
        body["operations_links"] = json!([Link { rel: "next", href }]);
    }
    Ok(Answer::ok(&body))
}

async fn find(
    request: &Request,
    paging: &Paging,
    mut filter: Filter,
) -> Result<Vec<Listed>, Fault> {
    let mut tx = request.app.db.read().await?;
    if let Some(marker) = &paging.marker {
        filter.after = Some(place(&mut tx, marker).await?);
    }
    Ok(flows::list(&mut tx, &filter).await?)
}

async fn place(tx: &mut ashlar_db::Tx, marker: &str) -> Result<(Timestamp, FlowId), Fault> {
    let missing = || Fault::bad_request(format!("There is no operation {marker} to go on after."));
    let id: FlowId = marker.parse().map_err(|_| missing())?;
    let flow = flows::get(tx, id).await?.ok_or_else(missing)?;
    Ok((flow.record.created_at, id))
}

/// What the query asks for; a key that is none of ours is refused rather than passed over.
fn filter(request: &Request) -> Result<Filter, Fault> {
    let mut filter = Filter::default();
    for (key, value) in request.query.pairs() {
        match key {
            "limit" | "marker" | "offset" | "sort" | "sort_key" | "sort_dir" => {}
            "unfinished" => filter.unfinished = boolean(key, value)?,
            "resource_id" => filter.resource_id = Some(value.to_owned()),
            "project_id" => filter.project_id = Some(value.to_owned()),
            "operation" => filter.name = Some(value.to_owned()),
            "phase" => filter.phase = Some(phase(value)?),
            _ => {
                return Err(Fault::bad_request(format!(
                    "Operations have no filter '{key}'. There are unfinished, phase, operation, resource_id and project_id."
                )));
            }
        }
    }
    Ok(filter)
}

fn boolean(key: &str, value: &str) -> Result<bool, Fault> {
    read_boolean(value)
        .ok_or_else(|| Fault::bad_request(format!("The filter '{key}' is true or false.")))
}

fn phase(value: &str) -> Result<Phase, Fault> {
    value
        .parse()
        .map_err(|_| Fault::bad_request("A phase is executing, reverting, succeeded or reverted."))
}
