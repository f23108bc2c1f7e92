//! `GET /clusters` and `/clusters/detail`.

use ashlar_db::clusters::{self, ClusterFilter};
use ashlar_types::Cluster;
use serde::Serialize;
use serde_json::json;

use super::view::{REPLICATION, Shown};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::query::read_boolean;
use crate::request::Request;
use crate::version::Version;

/// What a list can be of.
const KEYS: [&str; 6] = ["name", "binary", "is_up", "disabled", "num_hosts", "num_down_hosts"];
/// And from [`REPLICATION`] on.
const REPLICATION_KEYS: [&str; 3] = ["replication_status", "frozen", "active_backend_id"];

/// The short views.
pub(super) async fn list(request: &Request) -> Outcome {
    let (shown, found) = found(request).await?;
    answer(found.iter().map(|cluster| shown.summary(cluster)).collect())
}

/// The long ones.
pub(super) async fn detail(request: &Request) -> Outcome {
    let (shown, found) = found(request).await?;
    answer(found.iter().map(|cluster| shown.detail(cluster)).collect())
}

fn answer<V: Serialize>(views: Vec<V>) -> Outcome {
    Ok(Answer::ok(&json!({ "clusters": views })))
}

async fn found(request: &Request) -> Result<(Shown, Vec<Cluster>), Fault> {
    check_keys(request)?;
    let shown = Shown::to(request);
    let up = truth(request, "is_up")?;
    let Some(filter) = filter(request)? else { return Ok((shown, Vec::new())) };
    let (now, down_time) = (shown.now, shown.down_time);
    let mut found =
        clusters::list(&mut request.app.db.read().await?, &filter, now, down_time).await?;
    found.retain(|cluster| up.is_none_or(|up| up == cluster.is_up(now, down_time)));
    Ok((shown, found))
}

fn check_keys(request: &Request) -> Result<(), Fault> {
    let known = |version: Version, key: &str| {
        KEYS.contains(&key) || (version >= REPLICATION && REPLICATION_KEYS.contains(&key))
    };
    let mut unknown: Vec<&str> = request
        .query
        .pairs()
        .map(|(key, _)| key)
        .filter(|key| !known(request.version, key))
        .collect();
    unknown.sort_unstable();
    unknown.dedup();
    match unknown.is_empty() {
        true => Ok(()),
        false => Err(Fault::invalid_input(format!("Invalid filter keys: {}", unknown.join(", ")))),
    }
}

/// `None` for what no cluster can be: a number that is none.
fn filter(request: &Request) -> Result<Option<ClusterFilter>, Fault> {
    let text = |key: &str| request.query.get(key).map(str::to_owned);
    let number = |key: &str| request.query.get(key).map(str::parse::<i64>).transpose();
    let (Ok(num_hosts), Ok(num_down_hosts)) = (number("num_hosts"), number("num_down_hosts"))
    else {
        return Ok(None);
    };
    Ok(Some(ClusterFilter {
        name: text("name").filter(|name| !name.is_empty()),
        binary: text("binary"),
        disabled: truth(request, "disabled")?,
        frozen: request.query.get("frozen").and_then(read_boolean),
        replication_status: text("replication_status"),
        active_backend_id: text("active_backend_id"),
        num_hosts,
        num_down_hosts,
    }))
}

fn truth(request: &Request, key: &str) -> Result<Option<bool>, Fault> {
    if !request.query.has(key) {
        return Ok(None);
    }
    request.query.boolean(key, false).map(Some)
}
