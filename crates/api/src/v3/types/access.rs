//! The projects that a private type is granted to: list, add, remove.

use ashlar_db::{Tx, transact, volume_types};
use ashlar_operations::notify::events::{self, Event};
use ashlar_types::{Timestamp, VolumeType};
use http::StatusCode;
use serde_json::{Value, json};

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind, TxFault};
use crate::letters;
use crate::request::Request;

/// `GET /types/{type_id}/os-volume-type-access`. A public type has no list: 404.
pub(super) async fn list(request: &Request) -> Outcome {
    let mut tx = request.app.db.read().await?;
    let found = load::one(request, &mut tx).await?;
    if found.is_public {
        let message = "Access list not available for public volume types.";
        return Err(Fault::new(FaultKind::NotFound, message));
    }
    let projects = volume_types::projects(&mut tx, found.id).await?;
    let access: Vec<Value> = projects
        .into_iter()
        .map(|project| json!({ "volume_type_id": found.id, "project_id": project }))
        .collect();
    Ok(Answer::ok(&json!({ "volume_type_access": access })))
}

/// `addProjectAccess`.
pub(super) async fn add(request: &Request) -> Outcome {
    let (project, now) = asked(request, "addProjectAccess");
    let db = &request.app.db;
    let added: Result<(), TxFault> = transact!(db, tx => grant(request, tx, project, now).await);
    added?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

/// `removeProjectAccess`.
pub(super) async fn remove(request: &Request) -> Outcome {
    let (project, now) = asked(request, "removeProjectAccess");
    let db = &request.app.db;
    let removed: Result<(), TxFault> = transact!(db, tx => revoke(request, tx, project, now).await);
    removed?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

fn asked<'r>(request: &'r Request, action: &str) -> (&'r str, Timestamp) {
    let project = request.object(action).get("project").and_then(Value::as_str);
    let now = request.app.db.engine().storable(request.app.clock.now());
    (project.unwrap_or_default(), now)
}

async fn grant(
    request: &Request,
    tx: &mut Tx,
    project: &str,
    now: Timestamp,
) -> Result<(), TxFault> {
    let found = private(request, tx).await?;
    let exists = || {
        let id = found.id;
        let message =
            format!("Volume type access for {id} / {project} combination already exists.");
        TxFault::from(Fault::conflict(message))
    };
    match volume_types::grant(tx, found.id, project, now).await {
        Ok(true) => tell(request, tx, events::TYPE_ACCESS_ADD, (&found, project)).await,
        Ok(false) => Err(exists()),
        Err(error) if error.is_duplicate() => Err(exists()),
        Err(error) => Err(error.into()),
    }
}

async fn revoke(
    request: &Request,
    tx: &mut Tx,
    project: &str,
    now: Timestamp,
) -> Result<(), TxFault> {
    let found = private(request, tx).await?;
    if volume_types::revoke(tx, found.id, project, now).await? {
        return tell(request, tx, events::TYPE_ACCESS_REMOVE, (&found, project)).await;
    }
    let id = found.id;
    let message = format!("Volume type access not found for {id} / {project} combination.");
    Err(Fault::new(FaultKind::NotFound, message).into())
}

async fn tell(
    request: &Request,
    tx: &mut Tx,
    event: Event,
    (found, project): (&VolumeType, &str),
) -> Result<(), TxFault> {
    let told = || json!({ "volume_type_id": found.id, "project_id": project });
    Ok(letters::plain(request, tx, event, told).await?)
}

/// The type, unless it is public: 400.
async fn private(request: &Request, tx: &mut Tx) -> Result<VolumeType, TxFault> {
    let found = load::one(request, tx).await?;
    if found.is_public {
        let reason = "Type access modification is not applicable to public volume type.";
        return Err(Fault::invalid_state("volume type", reason).into());
    }
    Ok(found)
}
