//! `GET /os-quota-sets/{project}` and `GET /os-quota-sets/{project}/defaults`.

use ashlar_db::quotas;
use serde_json::{Map, Value, json};

use super::{SHOW, resources};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;

/// The project's limits; with `usage=true` what it uses of each, too.
pub(super) async fn show(request: &Request) -> Outcome {
    let project = target(request)?;
    let with_usage = request.query.boolean("usage", false)?;
    let limits = &request.app.operations.settings.limits;
    let mut tx = request.app.db.read().await?;
    let names = resources::of(&mut tx, &request.caller).await?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let set = if with_usage {
        let found = quotas::show(&mut tx, project, &names, limits).await?;
        let view = |limit, usage: ashlar_types::quota::Usage| json!({ "limit": limit, "in_use": usage.in_use, "reserved": usage.reserved });
        found.into_iter().map(|(name, (limit, usage))| (name, view(limit, usage))).collect()
    } else {
        resources::view(quotas::limits_of(&mut tx, project, &names, limits).await?)
    };
    Ok(wrapped(project, set))
}

/// The limits of a project that has none of its own.
pub(super) async fn defaults(request: &Request) -> Outcome {
    let project = target(request)?;
    let mut tx = request.app.db.read().await?;
    let names = resources::of(&mut tx, &request.caller).await?;
    let limits = &request.app.operations.settings.limits;
    let set = resources::default_limits(&mut tx, &names, limits).await?;
    Ok(wrapped(project, resources::view(set)))
}

/// The project in the URL, which is the caller's own or an administrator asks.
fn target(request: &Request) -> Result<&str, Fault> {
    let project = request.param("target_project_id");
    if request.caller.may_see(project) { Ok(project) } else { Err(Fault::forbidden(SHOW)) }
}

fn wrapped(project: &str, mut set: Map<String, Value>) -> Answer {
    set.insert("id".to_owned(), project.into());
    Answer::ok(&json!({ "quota_set": set }))
}
