//! `POST /types`.

use ashlar_db::{Tx, transact, volume_types};
use ashlar_operations::notify::{self, events};
use ashlar_types::{Timestamp, VolumeType, VolumeTypeId};
use serde_json::{Map, Value, json};

use super::view::Shown;
use super::{body, extra_specs, load};
use crate::answer::Answer;
use crate::body::pieces;
use crate::endpoint::Outcome;
use crate::fault::TxFault;
use crate::letters;
use crate::request::Request;

/// Makes a type. A private one is granted to nobody yet.
pub(super) async fn create(request: &Request) -> Outcome {
    let wish = request.object("volume_type");
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let made = read(wish, now);
    extra_specs::write::ensure_compatible(&made.extra_specs)?;
    let inserted: Result<(), TxFault> = transact!(db, tx => insert(request, tx, &made, now).await);
    if let Err(TxFault::Refused(fault)) = &inserted {
        letters::refused(request, events::TYPE_CREATE_FAILED, || {
            json!({
                "volume_types": wish,
                "name": null,
                "id": null,
                "error_message": notify::exception("VolumeTypeExists", fault.message()),
            })
        })
        .await;
    }
    inserted?;
    Ok(Answer::ok(&Shown::created(request).wrapped(&made)))
}

fn read(wish: &Map<String, Value>, now: Timestamp) -> VolumeType {
    let text = |key: &str| wish.get(key).and_then(Value::as_str);
    let is_public = wish.get("os-volume-type-access:is_public").and_then(pieces::truth);
    VolumeType {
        id: VolumeTypeId::random(),
        name: text("name").unwrap_or_default().to_owned(),
        description: text("description").map(str::to_owned),
        is_public: is_public.unwrap_or(true),
        qos_specs_id: None,
        extra_specs: wish
            .get("extra_specs")
            .and_then(Value::as_object)
            .map(body::specs)
            .unwrap_or_default(),
        created_at: Some(now),
        updated_at: None,
    }
}

async fn insert(
    request: &Request,
    tx: &mut Tx,
    made: &VolumeType,
    now: Timestamp,
) -> Result<(), TxFault> {
    volume_types::insert(tx, made, now).await.map_err(|error| load::taken(error, &made.name))?;
    let told = || json!({ "volume_types": letters::volume_type(made) });
    Ok(letters::plain(request, tx, events::TYPE_CREATE, told).await?)
}
