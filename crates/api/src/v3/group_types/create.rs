//! `POST /group_types`.

use ashlar_db::{Tx, group_types, transact};
use ashlar_operations::notify::{self, events};
use ashlar_types::{GroupType, GroupTypeId, Timestamp};
use serde_json::{Map, Value, json};

use super::load;
use super::view::Shown;
use crate::answer::Answer;
use crate::body::pieces;
use crate::endpoint::Outcome;
use crate::fault::TxFault;
use crate::letters;
use crate::request::Request;
use crate::v3::types::body::specs;

/// Makes a type. A private one is nobody's but the administrators' at first.
pub(super) async fn create(request: &Request) -> Outcome {
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let made = read(request.object("group_type"), now);
    let inserted: Result<(), TxFault> = transact!(db, tx => insert(request, tx, &made, now).await);
    if let Err(TxFault::Refused(fault)) = &inserted {
        letters::refused(request, events::GROUP_TYPE_CREATE_FAILED, || {
            json!({
                "group_types": request.object("group_type"),
                "name": null,
                "id": null,
                "error_message": notify::exception("GroupTypeExists", fault.message()),
            })
        })
        .await;
    }
    inserted?;
    Ok(Answer::accepted(&Shown::to(request).wrapped(&made)))
}

fn read(wish: &Map<String, Value>, now: Timestamp) -> GroupType {
    let text = |key: &str| wish.get(key).and_then(Value::as_str);
    GroupType {
        id: GroupTypeId::random(),
        name: text("name").unwrap_or_default().to_owned(),
        description: text("description").map(str::to_owned),
        is_public: wish.get("is_public").and_then(pieces::truth).unwrap_or(true),
        group_specs: wish
            .get("group_specs")
            .and_then(Value::as_object)
            .map(specs)
            .unwrap_or_default(),
        created_at: Some(now),
        updated_at: None,
    }
}

async fn insert(
    request: &Request,
    tx: &mut Tx,
    made: &GroupType,
    now: Timestamp,
) -> Result<(), TxFault> {
    group_types::insert(tx, made, now).await.map_err(|error| load::taken(error, &made.name))?;
    let told = || json!({ "group_types": letters::group_type(made) });
    Ok(letters::plain(request, tx, events::GROUP_TYPE_CREATE, told).await?)
}
