//! Default types: the volume type that a project's volumes get when none is asked for (3.62).

use ashlar_db::volume_types::{self, Visibility};
use ashlar_db::{DbError, Tx, transact};
use ashlar_types::{Timestamp, VolumeTypeId};
use http::StatusCode;
use serde_json::{Value, json};

use super::types::load;
use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::{Endpoint, Outcome};
use crate::fault::{Fault, FaultKind, TxFault};
use crate::policy::Target;
use crate::request::Request;
use crate::run;

const ONE: &str = "/default-types/{target_project_id}";
/// The first microversion that has the resource. What is set holds at every one.
const SINCE: u16 = 62;
/// Longest identity of a project, in characters: what the column holds.
const LONGEST: usize = 255;
/// How often a first default is tried to be stored while others store the same project's.
const ATTEMPTS: u8 = 3;

static SET: Body = Body::new(&[(0, || {
    let named = pieces::object(json!({ "volume_type": pieces::name() }), &["volume_type"]);
    // Cinder lets other keys through on this level, and breaks when this one is missing.
    json!({
        "type": "object", "properties": { "default_type": named }, "required": ["default_type"],
    })
})]);

/// Endpoints of the resource.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("default_type.list", "/default-types", run!(list))
        .since(SINCE)
        .rule_after_load("volume_extension:default_get_all"),
    Endpoint::get("default_type.show", ONE, run!(show))
        .since(SINCE)
        .rule_after_load("volume_extension:default_get"),
    Endpoint::put("default_type.set", ONE, run!(set))
        .since(SINCE)
        .rule_after_load("volume_extension:default_set_or_update")
        .body(&SET),
    Endpoint::delete("default_type.unset", ONE, run!(unset))
        .since(SINCE)
        .rule_after_load("volume_extension:default_unset"),
];

/// The defaults of all projects that have one.
async fn list(request: &Request) -> Outcome {
    request.authorize().map_err(|_| refused())?;
    let found = volume_types::defaults(&mut request.app.db.read().await?).await?;
    let all: Vec<Value> = found.into_iter().map(|(project, id)| view(&project, id)).collect();
    Ok(Answer::ok(&json!({ "default_types": all })))
}

/// One project's.
async fn show(request: &Request) -> Outcome {
    let project = target(request)?;
    ensure_there(request, project).await?;
    let mut tx = request.app.db.read().await?;
    let id = volume_types::default_of_project(&mut tx, project).await?.ok_or_else(|| {
        let message = format!("Default type for project {project} not found.");
        Fault::new(FaultKind::NotFound, message)
    })?;
    Ok(Answer::ok(&json!({ "default_type": view(project, id) })))
}

/// Gives the project a default, in place of the one that it has.
async fn set(request: &Request) -> Outcome {
    let project = target(request)?;
    ensure_there(request, project).await?;
    let named = request.object("default_type").get("volume_type").and_then(Value::as_str);
    let named = named.unwrap_or_default();
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let eyes = load::eyes(&request.caller);
    let mut left = ATTEMPTS;
    let id = loop {
        left -= 1;
        let stored: Result<VolumeTypeId, TxFault> =
            transact!(db, tx => store(tx, (project, named), &eyes, now).await);
        match stored {
            // Somebody else stored the project's first: now there is a row to change.
            Err(TxFault::Database(error)) if error.is_duplicate() && left > 0 => {}
            stored => break stored?,
        }
    };
    Ok(Answer::ok(&json!({ "default_type": view(project, id) })))
}

async fn store(
    tx: &mut Tx,
    (project, named): (&str, &str),
    eyes: &Visibility,
    now: Timestamp,
) -> Result<VolumeTypeId, TxFault> {
    let found = load::by_name_or_id(tx, named, eyes).await;
    // A type that is not there is 400 here: the URL names something else.
    let found = found.map_err(|error| match error {
        TxFault::Refused(fault) => Fault::bad_request(fault.message().to_owned()).into(),
        database => database,
    })?;
    // Whoever deletes the type comes before, and it is gone, or after, and finds it needed.
    if volume_types::keep_name(tx, found.id).await?.is_none() {
        return Err(Fault::bad_request(load::missing(named).message().to_owned()).into());
    }
    volume_types::set_default(tx, project, found.id, now).await?;
    Ok(found.id)
}

/// Takes the project's default away, if it has one. The project need not be there any more.
async fn unset(request: &Request) -> Outcome {
    let project = target(request)?;
    let db = &request.app.db;
    let removed: Result<bool, DbError> =
        transact!(db, tx => volume_types::unset_default(tx, project).await);
    removed?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// The project in the URL, for whoever may decide about it. Cinder asks Keystone for it first; here who may not, learns
/// nothing and asks nobody.
fn target(request: &Request) -> Result<&str, Fault> {
    let project = request.param("target_project_id");
    let target = Target { project_id: Some(project), ..Target::default() };
    request.authorize_on(&target).map_err(|_| refused())?;
    if project.chars().count() > LONGEST {
        return Err(missing(project));
    }
    Ok(project)
}

/// Keystone knows the project. Without Keystone every project is there.
async fn ensure_there(request: &Request, project: &str) -> Result<(), Fault> {
    let strategy = &request.app.settings.auth_strategy;
    match strategy.knows_project(&request.caller, project).await? {
        true => Ok(()),
        false => Err(missing(project)),
    }
}

fn view(project: &str, id: VolumeTypeId) -> Value {
    json!({ "project_id": project, "volume_type_id": id })
}

fn missing(project: &str) -> Fault {
    Fault::new(FaultKind::NotFound, format!("Project with id {project} not found."))
}

/// 403 in the resource's own words.
fn refused() -> Fault {
    Fault::new(FaultKind::Forbidden, "You are not authorized to perform this operation.")
}

#[cfg(test)]
mod tests;
