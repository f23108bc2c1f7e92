//! Which types have the specs: list, give, take away. All are GETs in Cinder, those that change something too.

use ashlar_db::qos_specs::{self, Associated};
use ashlar_db::{DbError, transact};
use ashlar_operations::notify::events;
use ashlar_types::VolumeTypeId;
use http::StatusCode;
use serde_json::{Value, json};

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::v3::types::load as types;

/// `GET /qos-specs/{qos_id}/associations`.
pub(super) async fn list(request: &Request) -> Outcome {
    let mut tx = request.app.db.read().await?;
    let found = load::one(request, &mut tx).await?;
    let types = qos_specs::associations(&mut tx, found.id).await?;
    let types: Vec<Value> = types
        .into_iter()
        .map(|(id, name)| json!({ "association_type": "volume_type", "name": name, "id": id }))
        .collect();
    Ok(Answer::ok(&json!({ "qos_associations": types })))
}

/// `GET /qos-specs/{qos_id}/associate?vol_type_id=…`.
pub(super) async fn associate(request: &Request) -> Outcome {
    let named = named(request)?;
    let id = load::id(request)?;
    let of = volume_type(request, named).await?;
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let done: Result<Associated, DbError> = transact!(db, tx => async {
            let done = qos_specs::associate(tx, id, of, now).await?;
            if done == Associated::Done {
                let of = Some(("type_id", json!(of)));
                load::tell(request, tx, events::QOS_ASSOCIATE, id, [of]).await?;
            }
            Ok::<_, DbError>(done)
        }.await);
    answer(request, named, done?)
}

/// `GET /qos-specs/{qos_id}/disassociate?vol_type_id=…`.
pub(super) async fn disassociate(request: &Request) -> Outcome {
    let named = named(request)?;
    let id = load::id(request)?;
    let of = volume_type(request, named).await?;
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let done: Result<Associated, DbError> = transact!(db, tx => async {
            let done = qos_specs::disassociate(tx, id, of, now).await?;
            if done == Associated::Done {
                let of = Some(("type_id", json!(of)));
                load::tell(request, tx, events::QOS_DISASSOCIATE, id, [of]).await?;
            }
            Ok::<_, DbError>(done)
        }.await);
    answer(request, named, done?)
}

/// `GET /qos-specs/{qos_id}/disassociate_all`.
pub(super) async fn disassociate_all(request: &Request) -> Outcome {
    let id = load::id(request)?;
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let there: Result<bool, DbError> = transact!(db, tx => async {
            let there = qos_specs::disassociate_all(tx, id, now).await?;
            if there {
                load::tell(request, tx, events::QOS_DISASSOCIATE_ALL, id, []).await?;
            }
            Ok::<_, DbError>(there)
        }.await);
    if there? { Ok(Answer::empty(StatusCode::ACCEPTED)) } else { Err(load::missing(id)) }
}

/// The type as the query names it.
fn named(request: &Request) -> Result<&str, Fault> {
    let named = request.query.get("vol_type_id").filter(|id| !id.is_empty());
    named.ok_or_else(|| Fault::bad_request("Volume Type id must not be None."))
}

/// Its identity. What is none is no type; specs that are not there come before that.
async fn volume_type(request: &Request, named: &str) -> Result<VolumeTypeId, Fault> {
    match named.parse() {
        Ok(id) => Ok(id),
        Err(_) => {
            load::one(request, &mut request.app.db.read().await?).await?;
            Err(types::missing(named))
        }
    }
}

fn answer(request: &Request, named: &str, done: Associated) -> Outcome {
    match done {
        Associated::Done => Ok(Answer::empty(StatusCode::ACCEPTED)),
        Associated::NoSpecs => Err(load::missing(request.param("qos_id"))),
        Associated::NoType => Err(types::missing(named)),
        Associated::Other(other) => {
            let reason =
                format!("Type {named} is already associated with another qos specs: {other}");
            Err(Fault::invalid_state("volume type", reason))
        }
    }
}
