//! Writing metadata: merge, replace, set one pair, remove one.

use ashlar_db::metadata::Of;
use ashlar_types::Metadata;
use http::StatusCode;
use serde_json::json;

use super::{Change, Condition, Written, change, read};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::v3::volumes::{body, load};

/// Sets the given pairs and leaves the others. `If-Match` does not count here, as in Cinder.
pub(super) async fn merge(request: &Request) -> Outcome {
    let wanted = wanted(request, "metadata");
    let written = change_of(request, Change::Merge(&wanted), &Condition::None).await?;
    answer(request, written, |metadata| Answer::ok(&json!({ "metadata": metadata })))
}

/// Sets the given pairs and removes the others.
pub(super) async fn replace(request: &Request) -> Outcome {
    let wanted = wanted(request, "metadata");
    let written = change_of(request, Change::Replace(&wanted), &Condition::of(request)).await?;
    answer(request, written, |metadata| Answer::ok(&json!({ "metadata": metadata })))
}

/// Sets the one pair that URL and body agree on.
pub(super) async fn set(request: &Request) -> Outcome {
    let wanted = wanted(request, "meta");
    if !wanted.contains_key(request.param("key")) {
        return Err(Fault::bad_request("Request body and URI mismatch"));
    }
    let written = change_of(request, Change::Merge(&wanted), &Condition::of(request)).await?;
    answer(request, written, |_| Answer::ok(&json!({ "meta": wanted })))
}

/// Removes one pair.
pub(super) async fn remove(request: &Request) -> Outcome {
    let written =
        change_of(request, Change::Remove(request.param("key")), &Condition::None).await?;
    answer(request, written, |_| Answer::empty(StatusCode::OK))
}

fn wanted(request: &Request, key: &str) -> Metadata {
    request.body.as_object().and_then(|whole| body::metadata(whole, key)).unwrap_or_default()
}

async fn change_of(
    request: &Request,
    change: Change<'_>,
    condition: &Condition,
) -> Result<Written, Fault> {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&volume))?;
    change::write(request, volume.id, Of::Volume(volume.id), change, condition).await
}

fn answer(request: &Request, written: Written, done: impl FnOnce(Metadata) -> Answer) -> Outcome {
    match written {
        Written::Done(metadata) => Ok(done(metadata)),
        Written::Stale => Ok(Answer::precondition_failed()),
        Written::NoKey => Err(read::no_key(request)),
    }
}
