//! `PUT /types/{type_id}`: name, description, whether it is public.

use ashlar_db::volume_types::{self, TypeChange};
use ashlar_db::{Tx, transact};
use ashlar_operations::notify::{self, events};
use ashlar_types::{Timestamp, VolumeType, VolumeTypeId};
use serde_json::{Value, json};

use super::load;
use super::view::Shown;
use crate::answer::Answer;
use crate::body::pieces;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind, TxFault};
use crate::letters;
use crate::request::Request;

/// Changes a type. Null leaves a field as it is; the quota rows of the type follow its name.
pub(super) async fn update(request: &Request) -> Outcome {
    let wish = request.object("volume_type");
    let text = |key: &str| wish.get(key).and_then(Value::as_str);
    let change = TypeChange {
        name: text("name"),
        description: text("description").map(Some),
        is_public: wish.get("is_public").and_then(pieces::truth),
    };
    check(&change)?;
    let id = load::id(request)?;
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let changed: Result<VolumeType, TxFault> =
        transact!(db, tx => apply(request, tx, id, &change, now).await);
    if let Err(TxFault::Refused(fault)) = &changed {
        let is_gone = fault.kind() == FaultKind::NotFound;
        let class = if is_gone { "VolumeTypeNotFound" } else { "VolumeTypeExists" };
        letters::refused(request, events::TYPE_UPDATE_FAILED, || {
            json!({
                "volume_types": if is_gone { Value::Null } else { Value::Object(wish.clone()) },
                "name": null,
                "id": is_gone.then_some(id),
                "error_message": notify::exception(class, fault.message()),
            })
        })
        .await;
    }
    Ok(Answer::ok(&Shown::updated().wrapped(&changed?)))
}

fn check(change: &TypeChange<'_>) -> Result<(), Fault> {
    if change.name.is_some_and(|name| name.trim().is_empty()) {
        return Err(Fault::bad_request("Volume type name can not be empty."));
    }
    if *change == TypeChange::default() {
        return Err(Fault::bad_request(
            "Specify volume type name, description, is_public or a combination thereof.",
        ));
    }
    Ok(())
}

async fn apply(
    request: &Request,
    tx: &mut Tx,
    id: VolumeTypeId,
    change: &TypeChange<'_>,
    now: Timestamp,
) -> Result<VolumeType, TxFault> {
    volume_types::update(tx, id, change, now)
        .await
        .map_err(|error| load::taken(error, change.name.unwrap_or_default()))?;
    let changed = volume_types::get(tx, id).await?;
    let changed = changed.ok_or_else(|| load::missing(&id.to_string()))?;
    let told = || json!({ "volume_types": letters::volume_type(&changed) });
    letters::plain(request, tx, events::TYPE_UPDATE, told).await?;
    Ok(changed)
}
