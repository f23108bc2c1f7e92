//! Setting and removing extra specs. A type that volumes have may not change: they were placed by it.

use ashlar_db::{Tx, transact, volume_types};
use ashlar_operations::notify::events::{self, Event};
use ashlar_types::volume_type::ExtraSpecs;
use ashlar_types::{Timestamp, VolumeType, VolumeTypeId};
use http::StatusCode;
use serde_json::{Value, json};

use super::read::missing;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, TxFault};
use crate::letters;
use crate::request::Request;
use crate::v3::types::{body, load};

/// `POST /types/{type_id}/extra_specs`: sets these, leaves the others, answers the request's body.
pub(in crate::v3::types) async fn merge(request: &Request) -> Outcome {
    let specs = body::specs(request.object("extra_specs"));
    put(request, specs, events::EXTRA_SPECS_CREATE).await
}

/// `PUT /types/{type_id}/extra_specs/{key}`: sets the one that URL and body name.
pub(in crate::v3::types) async fn set(request: &Request) -> Outcome {
    let specs = request.body.as_object().map(body::specs).unwrap_or_default();
    if !specs.contains_key(request.param("key")) {
        return Err(Fault::bad_request("Request body and URI mismatch"));
    }
    put(request, specs, events::EXTRA_SPECS_UPDATE).await
}

async fn put(request: &Request, specs: ExtraSpecs, event: Event) -> Outcome {
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let put: Result<(), TxFault> =
        transact!(db, tx => store(request, tx, (&specs, event), now).await);
    put?;
    Ok(Answer::ok(&request.body))
}

async fn store(
    request: &Request,
    tx: &mut Tx,
    (specs, event): (&ExtraSpecs, Event),
    now: Timestamp,
) -> Result<(), TxFault> {
    let found = unused(request, tx).await?;
    let mut after = found.extra_specs;
    after.extend(specs.iter().map(|(key, value)| (key.clone(), value.clone())));
    ensure_compatible(&after)?;
    volume_types::merge_specs(tx, found.id, specs, now).await?;
    let mut told = about(found.id, found.created_at, now);
    if event == events::EXTRA_SPECS_CREATE {
        told["specs"] = json!(specs);
    } else {
        told["id"] = request.param("key").into();
    }
    Ok(letters::plain(request, tx, event, || told).await?)
}

/// `DELETE /types/{type_id}/extra_specs/{key}`.
pub(in crate::v3::types) async fn remove(request: &Request) -> Outcome {
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let removed: Result<(), TxFault> = transact!(db, tx => take_out(request, tx, now).await);
    removed?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

async fn take_out(request: &Request, tx: &mut Tx, now: Timestamp) -> Result<(), TxFault> {
    let found = unused(request, tx).await?;
    if !volume_types::remove_spec(tx, found.id, request.param("key"), now).await? {
        return Err(missing(request).into());
    }
    let mut told = about(found.id, found.created_at, now);
    told["id"] = request.param("key").into();
    told["deleted_at"] = Value::Null;
    Ok(letters::plain(request, tx, events::EXTRA_SPECS_DELETE, || told).await?)
}

/// What all events of extra specs say.
fn about(id: VolumeTypeId, created_at: Option<Timestamp>, now: Timestamp) -> Value {
    json!({
        "type_id": id,
        "created_at": created_at.map(|at| at.to_string()),
        "updated_at": now.to_string(),
    })
}

/// The type, unless some volume is of it: 400.
async fn unused(request: &Request, tx: &mut Tx) -> Result<VolumeType, TxFault> {
    let found = load::one(request, tx).await?;
    if volume_types::in_use(tx, found.id).await? {
        return Err(Fault::bad_request("Volume Type is currently in use.").into());
    }
    Ok(found)
}

/// Hosts that share a volume would each keep a cache of it: `multiattach` and `cacheable` exclude each other.
/// Cinder looks at this only when specs are set on their own endpoint; here it holds for a new type too.
///
/// # Errors
/// 400 in Cinder's words.
pub(in crate::v3::types) fn ensure_compatible(specs: &ExtraSpecs) -> Result<(), Fault> {
    let is_true = |key: &str| {
        let value = specs.get(key).and_then(Option::as_deref);
        value.is_some_and(|value| value.eq_ignore_ascii_case("<is> true"))
    };
    if is_true("multiattach") && is_true("cacheable") {
        return Err(Fault::bad_request("cacheable cannot be set with multiattach."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_and_several_hosts_exclude_each_other() {
        let specs = |multiattach: &str, cacheable: &str| {
            let pair = |key: &str, value: &str| (key.to_owned(), Some(value.to_owned()));
            ExtraSpecs::from([pair("multiattach", multiattach), pair("cacheable", cacheable)])
        };
        assert!(ensure_compatible(&specs("<is> True", "<is> True")).is_err());
        assert!(ensure_compatible(&specs("<is> True", "<is> False")).is_ok());
        assert!(ensure_compatible(&specs("<is> False", "<is> True")).is_ok());
        assert!(ensure_compatible(&ExtraSpecs::new()).is_ok());
    }
}
