//! `PUT /qos-specs/{qos_id}`: sets keys and the consumer.

use ashlar_db::{Tx, qos_specs, transact};
use ashlar_operations::notify::events;
use ashlar_types::{QosSpecsId, Timestamp};
use serde_json::json;

use super::body::{Keys, check_count};
use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::TxFault;
use crate::request::Request;

/// Sets these keys, leaves the others, answers the request's body.
pub(super) async fn update(request: &Request) -> Outcome {
    let id = load::id(request)?;
    let keys = Keys::read(request.object("qos_specs").iter());
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let keys = match keys {
        Ok(keys) => keys,
        // Specs that are not there are 404 before a wrong key is 400, as in Cinder.
        Err(wrong) => {
            load::one(request, &mut db.read().await?).await?;
            return Err(wrong);
        }
    };
    let merged: Result<(), TxFault> = transact!(db, tx => merge(request, tx, id, &keys, now).await);
    merged?;
    Ok(Answer::ok(&request.body))
}

async fn merge(
    request: &Request,
    tx: &mut Tx,
    id: QosSpecsId,
    keys: &Keys,
    now: Timestamp,
) -> Result<(), TxFault> {
    let count = qos_specs::merge(tx, id, &keys.specs, keys.consumer, now).await?;
    check_count(count.ok_or_else(|| load::missing(id))?)?;
    let specs = Some(("specs", json!(request.object("qos_specs"))));
    Ok(load::tell(
        request,
        tx,
        events::QOS_UPDATE,
        id,
        [Some(("updated_at", json!(now.to_string()))), specs],
    )
    .await?)
}
