//! A snapshot's metadata: `/snapshots/{snapshot_id}/metadata` and `/metadata/{key}`.

use ashlar_db::metadata::{self, Of};
use ashlar_db::{DbError, Tx, snapshots, transact};
use ashlar_types::{Metadata, SnapshotId, Timestamp};
use http::StatusCode;
use serde_json::json;

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind};
use crate::request::Request;
use crate::v3::volumes::body;

/// All pairs.
pub(super) async fn list(request: &Request) -> Outcome {
    let found = load::detail(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&found.snapshot))?;
    Ok(Answer::ok(&json!({ "metadata": found.metadata })))
}

/// One pair.
pub(super) async fn show(request: &Request) -> Outcome {
    let found = load::detail(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&found.snapshot))?;
    let key = request.param("key");
    let value = found.metadata.get(key).ok_or_else(|| no_key(request))?;
    Ok(Answer::ok(&json!({ "meta": { key: value } })))
}

/// Sets pairs and leaves the others.
pub(super) async fn merge(request: &Request) -> Outcome {
    let after = write(request, wish(request, "metadata"), false).await?;
    Ok(Answer::ok(&json!({ "metadata": after })))
}

/// Sets pairs and removes the others.
pub(super) async fn replace(request: &Request) -> Outcome {
    let after = write(request, wish(request, "metadata"), true).await?;
    Ok(Answer::ok(&json!({ "metadata": after })))
}

/// Sets one pair, which the body names once more.
pub(super) async fn set(request: &Request) -> Outcome {
    let pair = wish(request, "meta");
    if !pair.contains_key(request.param("key")) {
        return Err(Fault::bad_request("Request body and URI mismatch"));
    }
    write(request, pair.clone(), false).await?;
    Ok(Answer::ok(&json!({ "meta": pair })))
}

/// Removes one pair.
pub(super) async fn delete(request: &Request) -> Outcome {
    let db = &request.app.db;
    let found = load::detail(request, &mut db.read().await?).await?;
    request.require_on("volume:get_snapshot_metadata", &load::target(&found.snapshot))?;
    let key = request.param("key");
    if !found.metadata.contains_key(key) {
        return Err(no_key(request));
    }
    request.authorize_on(&load::target(&found.snapshot))?;
    let (of, now) = (Of::Snapshot(found.snapshot.id), request.app.clock.now());
    // That another removed it meanwhile is as good.
    let removed: Result<bool, DbError> =
        transact!(db, tx => metadata::remove(tx, of, key, now).await);
    removed?;
    Ok(Answer::empty(StatusCode::OK))
}

/// The map under `key` of the body; its schema says that it is there.
fn wish(request: &Request, key: &str) -> Metadata {
    request.body.as_object().and_then(|object| body::metadata(object, key)).unwrap_or_default()
}

async fn write(request: &Request, pairs: Metadata, all: bool) -> Result<Metadata, Fault> {
    let db = &request.app.db;
    let snapshot = load::row(request, &mut db.read().await?).await?;
    request.authorize_on(&load::target(&snapshot))?;
    let now = request.app.clock.now();
    let written: Result<Option<Metadata>, DbError> =
        transact!(db, tx => store(tx, snapshot.id, &pairs, all, now).await);
    written?.ok_or_else(|| load::not_found(request))
}

/// Writes the pairs, unless the snapshot is gone.
async fn store(
    tx: &mut Tx,
    id: SnapshotId,
    pairs: &Metadata,
    all: bool,
    now: Timestamp,
) -> Result<Option<Metadata>, DbError> {
    if snapshots::get_for_update(tx, id).await?.is_none() {
        return Ok(None);
    }
    let of = Of::Snapshot(id);
    let after = if all {
        metadata::replace(tx, of, pairs, now).await?
    } else {
        metadata::merge(tx, of, pairs, now).await?
    };
    Ok(Some(after))
}

fn no_key(request: &Request) -> Fault {
    let (id, key) = (request.param("snapshot_id"), request.param("key"));
    let message = format!("Snapshot {id} has no metadata with key {key}.");
    Fault::new(FaultKind::NotFound, message)
}
