//! `POST /qos-specs`.

use ashlar_db::{DbError, Tx, qos_specs, transact};
use ashlar_operations::notify::{self, events};
use ashlar_types::{QosSpecs, QosSpecsId, Timestamp};
use serde_json::{Value, json};

use super::body::{Keys, without_name};
use super::view;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, TxFault};
use crate::letters;
use crate::request::Request;

/// Makes specs. No type has them yet.
pub(super) async fn create(request: &Request) -> Outcome {
    let wish = request.object("qos_specs");
    let keys = Keys::read(without_name(wish))?;
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let name = wish.get("name").and_then(Value::as_str).unwrap_or_default();
    let made = QosSpecs {
        id: QosSpecsId::random(),
        name: name.trim().to_owned(),
        consumer: keys.consumer.unwrap_or_default(),
        specs: keys.specs,
        created_at: Some(now),
    };
    let inserted: Result<(), TxFault> = transact!(db, tx => insert(request, tx, &made, now).await);
    if let Err(TxFault::Refused(fault)) = &inserted {
        letters::refused(request, events::QOS_CREATE_FAILED, || {
            let error = notify::exception("QoSSpecsExists", fault.message());
            json!({ "name": made.name, "error_message": error })
        })
        .await;
    }
    inserted?;
    Ok(Answer::ok(&view::wrapped(request, &made)))
}

async fn insert(
    request: &Request,
    tx: &mut Tx,
    made: &QosSpecs,
    now: Timestamp,
) -> Result<(), TxFault> {
    let inserted = qos_specs::insert(tx, made, now).await;
    inserted.map_err(|error| match error {
        DbError::Duplicate(_) => {
            Fault::conflict(format!("QoS Specs {} already exists.", made.name)).into()
        }
        error => TxFault::from(error),
    })?;
    let told = || {
        let mut specs = request.object("qos_specs").clone();
        specs.remove("name");
        json!({ "name": made.name, "created_at": now.to_string(), "specs": specs })
    };
    Ok(letters::plain(request, tx, events::QOS_CREATE, told).await?)
}
